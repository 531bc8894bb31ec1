import Files
import Fleet
import InferenceKeyWire
import Logging
import Testing

@testable import Gateway

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("certificates")
struct CertificateTests {
    /// Pairs for localhost, valid until 2125; `second.key` is of another certificate.
    private static let folder = String(#filePath.dropLast("CertificateTests.swift".count)) + "Certificates/"
    private static let first = CertificateFiles(certificate: folder + "first.pem", key: folder + "first.key")

    @Test("a pair is loaded, and says until when it is good")
    func load() throws {
        let loaded = try Self.first.load()
        #expect(loaded.expiresAt > loaded.notBefore)
        #expect(loaded.expiresAt > Timestamp(milliseconds: 4_000_000_000_000))
    }

    @Test("what cannot be used is named with its file, and nothing of its content is told")
    func faults() {
        let (certificate, key) = (Self.first.certificate, Self.first.key)
        let other = Self.folder + "second.key"
        let cases: [(CertificateFiles, CertificateFault)] = [
            (.init(certificate: certificate, key: other), .mismatch(certificate: certificate, key: other)),
            (.init(certificate: key, key: key), .noCertificate(key)),
            (.init(certificate: certificate, key: certificate), .noKey(certificate)),
            (
                .init(certificate: "/nowhere.pem", key: key),
                .unreadable(FileError("cannot be read", path: "/nowhere.pem", code: ENOENT))
            ),
        ]
        for (files, fault) in cases {
            #expect(throws: fault) { try files.load() }
            #expect(!fault.fix.isEmpty && !"\(fault)".contains("-----"))
        }
    }

    @Test("a new pair is taken over when its files change, a broken one leaves the former, and neither is read twice")
    func reload() throws {
        let temporary = try TemporaryDirectory()
        let files = CertificateFiles(certificate: temporary.path + "/c.pem", key: temporary.path + "/c.key")
        defer { for path in [files.certificate, files.key] { unlink(path) } }
        // As certificate tools do it: a link is turned.
        func put(_ name: String, _ kind: String) throws {
            unlink(temporary.path + "/c." + kind)
            #expect(symlink(Self.folder + name + "." + kind, temporary.path + "/c." + kind) == 0)
        }
        try put("first", "pem")
        try put("first", "key")
        let served = try ServerCertificate(files, logger: Logger(label: "test"), now: { .now })
        let first = served.expiresAt
        try put("second", "key")
        served.reloadIfChanged()
        #expect(served.expiresAt == first)
        try put("second", "pem")
        served.reloadIfChanged()
        #expect(served.expiresAt != first)
    }
}

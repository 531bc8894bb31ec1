import Files
package import InferenceKeyWire
import NIOCore
package import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a Gateway's certificate chain and its private key lie, both as PEM.
package struct CertificateFiles: Sendable, Hashable {
    package var certificate: String
    package var key: String

    package static let maxFileBytes = 1 << 20

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    /// Reads both and proves that they belong together. Throws ``CertificateFault``, which names the file.
    package func load() throws(CertificateFault) -> LoadedCertificate {
        let stamp = stamp
        let chain = try readChain()
        guard let leaf = chain.first else { throw .noCertificate(certificate) }
        let context = try makeContext(chain, try readKey())
        return LoadedCertificate(
            context: context, notBefore: Timestamp(milliseconds: Int64(leaf.notValidBefore) * 1000),
            expiresAt: Timestamp(milliseconds: Int64(leaf.notValidAfter) * 1000), stamp: stamp)
    }

    /// Changes whenever one of the files is replaced or written to.
    var stamp: [FileStamp?] { [FileStamp(certificate), FileStamp(key)] }

    private func readChain() throws(CertificateFault) -> [NIOSSLCertificate] {
        let bytes = try Self.read(certificate)
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(bytes), !chain.isEmpty else {
            throw .noCertificate(certificate)
        }
        return chain
    }

    private func readKey() throws(CertificateFault) -> NIOSSLPrivateKey {
        let bytes = try Self.read(key)
        // A passphrase would have to lie beside the key, or be typed at every start.
        if String(decoding: bytes, as: UTF8.self).contains("ENCRYPTED") { throw .encryptedKey(key) }
        guard let made = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else { throw .noKey(key) }
        return made
    }

    private func makeContext(
        _ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey
    ) throws(CertificateFault) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["h2", "http/1.1"]
        configuration.shutdownTimeout = .seconds(2)
        // It refuses a key that is of another certificate.
        guard let context = try? NIOSSLContext(configuration: configuration) else {
            throw .mismatch(certificate: certificate, key: self.key)
        }
        return context
    }

    private static func read(_ path: String) throws(CertificateFault) -> [UInt8] {
        do {
            if let bytes = try FileContent.read(path, maxBytes: maxFileBytes) { return bytes }
        } catch {
            throw .unreadable(error)
        }
        throw .unreadable(FileError("cannot be read", path: path, code: ENOENT))
    }
}

/// A certificate with its key, ready to be served by.
package struct LoadedCertificate: Sendable {
    package let context: NIOSSLContext
    package let notBefore: Timestamp
    package let expiresAt: Timestamp
    let stamp: [FileStamp?]
}

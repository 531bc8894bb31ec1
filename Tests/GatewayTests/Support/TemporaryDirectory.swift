#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder of the test's own, gone with the value.
final class TemporaryDirectory: Sendable {
    let path: String

    struct Failure: Error {}

    init() throws {
        var template = Array("/tmp/ik-gateway-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Failure() }
        path = String(cString: made)
    }

    func write(_ text: String, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { throw Failure() }
        defer { close(file) }
        var copy = text
        let count = copy.withUTF8 { Glibc.write(file, $0.baseAddress, $0.count) }
        guard count == text.utf8.count else { throw Failure() }
    }

    deinit {
        for name in ["tables.json", "tables.json.partial", "access.log", "access.log.1"] { unlink(path + "/" + name) }
        rmdir(path)
    }
}

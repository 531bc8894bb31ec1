import InferenceKeyWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A small file that only its owner may read, such as a key.
package struct KeyFile: Sendable {
    package let path: String
    /// Larger files are not read.
    package static let maxBytes = 1 << 20

    package init(_ path: String) { self.path = path }

    /// The file's bytes, or nil when there is none. Throws ``FileTrouble`` when it cannot be read.
    package func read() throws(FileTrouble) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw FileTrouble("cannot be read", path: path)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = systemRead(descriptor, &buffer)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileTrouble("cannot be read", path: path) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= Self.maxBytes else {
                throw FileTrouble(path: path, reason: "is larger than \(Self.maxBytes) bytes")
            }
        }
    }

    /// The file's text without white space around it.
    package func readText() throws(FileTrouble) -> String? {
        guard let bytes = try read() else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FileTrouble(path: path, reason: "is not text")
        }
        let trimmed = text.drop(while: \.isWhitespace)
        return String(trimmed.reversed().drop(while: \.isWhitespace).reversed())
    }

    /// Puts `bytes` there with mode 0600: the whole file or, after any failure, what was there before.
    package func write(_ bytes: some Sequence<UInt8>) throws(FileTrouble) {
        let partial = path + ".new"
        unlink(partial)
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileTrouble("cannot be written", path: partial) }
        var rest = Array(bytes)[...]
        var isWhole = true
        while !rest.isEmpty {
            let count = systemWrite(descriptor, rest)
            if count > 0 { rest = rest.dropFirst(count) }
            if count <= 0, errno != EINTR {
                isWhole = false
                break
            }
        }
        isWhole = isWhole && fsync(descriptor) == 0
        let trouble = FileTrouble("cannot be written", path: partial)
        close(descriptor)
        guard isWhole, rename(partial, path) == 0 else {
            unlink(partial)
            throw trouble
        }
        PrivateFolder(containing: path).sync()
    }

    /// Whether somebody other than the owner may read it.
    package var isOpenToOthers: Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & 0o077 != 0
    }
}

/// Why a file or folder could not be used.
package struct FileTrouble: Error, Sendable, Equatable, CustomStringConvertible {
    package let path: String
    package let reason: String
    package var description: String { "\(path) \(reason)" }

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    /// Adds what the system's last error was.
    init(_ what: String, path: String) {
        self.init(path: path, reason: "\(what): \(String(cString: strerror(errno)))")
    }
}

package import Files

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

    /// The file's bytes, or nil when there is none.
    package func read() throws(FileError) -> [UInt8]? { try FileContent.read(path, maxBytes: Self.maxBytes) }

    /// The file's text without white space around it.
    package func readText() throws(FileError) -> String? {
        guard let bytes = try read() else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FileError(path: path, reason: "is not text")
        }
        return String(text.trimmed)
    }

    /// Puts `bytes` there with mode 0600: the whole file or, after any failure, what was there before.
    package func write(_ bytes: some Sequence<UInt8>) throws(FileError) {
        try PrivateFile.write(Array(bytes), to: path, isDurable: true)
    }

    /// Whether somebody other than the owner may read it.
    package var isOpenToOthers: Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & 0o077 != 0
    }
}

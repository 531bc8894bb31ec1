#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads and writes all that there is, whatever pieces the system takes.
package enum FileContent {
    /// The bytes of the file; nil when there is none.
    ///
    /// - Parameter maxBytes: a larger file is refused.
    package static func read(_ path: String, maxBytes: Int) throws(FileError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw FileError("cannot be read", path: path)
        }
        defer { close(descriptor) }
        var content: [UInt8] = []
        while content.count <= maxBytes {
            guard let piece = piece(of: descriptor, maxBytes: pieceBytes) else {
                throw FileError("cannot be read", path: path)
            }
            if piece.isEmpty { return content }
            content += piece
        }
        throw FileError(path: path, reason: "is larger than \(maxBytes) bytes")
    }

    /// The first `maxBytes` of the file, as those of `/proc` are read; nil when it cannot be read.
    package static func bytes(_ path: String, maxBytes: Int = 1 << 20) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        while content.count < maxBytes {
            let piece = piece(of: descriptor, maxBytes: min(pieceBytes, maxBytes - content.count))
            guard let piece else { return nil }
            if piece.isEmpty { break }
            content += piece
        }
        return content
    }

    /// The file as text without white space around it; nil when it cannot be read.
    package static func text(_ path: String) -> String? {
        bytes(path).map { String(String(decoding: $0, as: UTF8.self).trimmed) }
    }

    private static let pieceBytes = 64 << 10

    /// The next bytes of an open file: empty at its end, nil on an error.
    package static func piece(of descriptor: Int32, maxBytes: Int) -> [UInt8]? {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: maxBytes) { buffer, filled in
            let memory = UnsafeMutableRawBufferPointer(buffer)
            repeat { count = systemRead(descriptor, memory) } while count < 0 && errno == EINTR
            filled = max(0, count)
        }
        return count < 0 ? nil : bytes
    }

    /// Writes all of `bytes` to an open file; gives 0, or the system's number of what went wrong.
    package static func append(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Int32 {
        bytes.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: bytes[written...]))
                if count < 0, errno == EINTR { continue }
                // Nothing written and no error: as on a file system that is full.
                guard count > 0 else { return count < 0 ? errno : ENOSPC }
                written += count
            }
            return 0
        }
    }
}

extension StringProtocol {
    /// Without white space at either end.
    package var trimmed: SubSequence {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return start.prefix(0) }
        return start[...last]
    }
}

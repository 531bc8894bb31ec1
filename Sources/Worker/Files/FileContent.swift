import Glibc

/// Reads files whole, as those of `/proc` and of the data folder are.
package enum FileContent {
    /// The first `maxBytes` of the file, or nil when it cannot be read.
    package static func bytes(_ path: String, maxBytes: Int = 1 << 20) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        while content.count < maxBytes {
            let piece = Self.piece(of: descriptor, maxBytes: min(65_536, maxBytes - content.count))
            guard let piece else { return nil }
            if piece.isEmpty { break }
            content.append(contentsOf: piece)
        }
        return content
    }

    /// The file as text without white space around it.
    package static func text(_ path: String) -> String? {
        guard let bytes = bytes(path) else { return nil }
        return String(String(decoding: bytes, as: UTF8.self).trimmed)
    }

    /// The next bytes of an open file: empty at its end, nil on an error.
    static func piece(of descriptor: Int32, maxBytes: Int) -> [UInt8]? {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: maxBytes) { buffer, filled in
            repeat { count = read(descriptor, buffer.baseAddress, maxBytes) } while count < 0 && errno == EINTR
            filled = max(0, count)
        }
        return count < 0 ? nil : bytes
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

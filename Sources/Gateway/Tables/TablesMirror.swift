import Fleet
import InferenceKeyWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The tables on disk, so that a Gateway serves when the Manager is down as it starts. Readable by its owner alone: the
/// engines' keys stand in it.
struct TablesMirror: Sendable {
    let path: String

    static let format = 1
    static let maxBytes = 512 << 20

    struct Failure: Error, Sendable, CustomStringConvertible {
        var description: String
    }

    /// Nil when there is none yet.
    func load() throws -> GatewayTables? {
        guard let bytes = try read() else { return nil }
        let json = try JSONValue(parsing: bytes)
        guard json["format"]?.intValue == Self.format, let tables = json["tables"] else {
            throw Failure(description: "\(path) is of another version of this program")
        }
        return try GatewayTables(json: tables)
    }

    /// Replaces the mirror as a whole: after a crash there is the old one or the new one.
    func save(_ tables: GatewayTables) throws {
        let json: JSONValue = ["format": .int(Self.format), "tables": tables.json]
        let temporary = path + ".new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure("open", temporary) }
        do {
            defer { close(file) }
            guard fchmod(file, 0o600) == 0 else { throw failure("chmod", temporary) }
            try write(json.bytes, to: file, temporary)
            guard fsync(file) == 0 else { throw failure("fsync", temporary) }
        }
        guard rename(temporary, path) == 0 else { throw failure("rename", temporary) }
        syncDirectory()
    }

    private func read() throws -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("open", path)
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= Self.maxBytes {
            let capacity = piece.count
            let count = piece.withUnsafeMutableBytes { systemRead(file, $0.baseAddress, capacity) }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("read", path)
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: piece[..<count])
        }
        throw Failure(description: "\(path) is larger than \(Self.maxBytes) bytes")
    }

    private func write(_ bytes: [UInt8], to file: Int32, _ name: String) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                bytes.baseAddress.map { systemWrite(file, $0 + written, bytes.count - written) } ?? 0
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write", name) }
            written += count
        }
    }

    /// Makes the new name itself durable.
    private func syncDirectory() {
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let directory = open(parent.isEmpty ? "/" : parent, O_RDONLY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }

    private func failure(_ action: String, _ name: String) -> Failure {
        Failure(description: "\(action) \(name): \(String(cString: strerror(errno)))")
    }
}

private func systemRead(_ file: Int32, _ target: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(file, target, count)
}

private func systemWrite(_ file: Int32, _ source: UnsafeRawPointer, _ count: Int) -> Int {
    write(file, source, count)
}

import Console
import Fleet
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that is sent while it is read, and hashed on the way.
final class PackageFile: Sendable {
    private struct State {
        var sentBytes = 0
        var builder = ContentHash.Builder()
    }

    private static let pieceBytes = 256 << 10

    let path: String
    let sizeBytes: Int
    private let descriptor: Int32
    private let state = Mutex(State())

    init(_ path: String) throws(CommandFailure) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path, String(cString: strerror(errno))) }
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Self.failure(path, "it is no file")
        }
        sizeBytes = Int(info.st_size)
        guard sizeBytes > 0 else {
            close(descriptor)
            throw Self.failure(path, "it is empty")
        }
    }

    deinit { close(descriptor) }

    var sentBytes: Int { state.withLock { $0.sentBytes } }
    /// Of what was sent.
    var hash: ContentHash { state.withLock { $0.builder.hash } }

    /// The next piece; nil at the end of what was there when it was opened. Throws when the file has become shorter.
    func next() throws -> [UInt8]? {
        try state.withLock { state in
            let wanted = min(Self.pieceBytes, sizeBytes - state.sentBytes)
            guard wanted > 0 else { return nil }
            var piece = [UInt8](repeating: 0, count: wanted)
            let count = pread(descriptor, &piece, wanted, off_t(state.sentBytes))
            guard count > 0 else { throw Self.failure(path, "it has changed while it was sent") }
            piece.removeLast(wanted - count)
            state.sentBytes += count
            state.builder.add(piece)
            return piece
        }
    }

    private static func failure(_ path: String, _ why: String) -> CommandFailure {
        CommandFailure(.failed, "\(path) cannot be read", why: why, next: "ls -l \(path)")
    }
}

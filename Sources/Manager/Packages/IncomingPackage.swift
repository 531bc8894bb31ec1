import Files
import Fleet
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A package while it arrives: written to disk piece by piece, hashed on the way.
final class IncomingPackage: Sendable {
    private struct State {
        var builder = ContentHash.Builder()
        var sizeBytes = 0
        var isOpen = true
    }

    private let path: String
    private let descriptor: Int32
    private let state = Mutex(State())

    init(path: String) throws(FileError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("cannot be made", path: path) }
    }

    deinit { closeFile() }

    var sizeBytes: Int { state.withLock { $0.sizeBytes } }
    var hash: ContentHash { state.withLock { $0.builder.hash } }

    /// Takes the next bytes. One task calls this, one call after another.
    func write(_ bytes: [UInt8]) async throws {
        state.withLock { state in
            state.builder.add(bytes)
            state.sizeBytes += bytes.count
        }
        let descriptor = descriptor
        let code = try await PackageFolder.blocking { FileContent.append(bytes[...], to: descriptor) }
        guard code == 0 else { throw FileError("cannot be written", path: path, code: code) }
    }

    /// Flushes it and gives it its name. Blocks.
    func finish(as name: String) throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError("cannot be flushed", path: path) }
        closeFile()
        guard rename(path, name) == 0 else { throw FileError("cannot be kept", path: path) }
    }

    /// Removes it. Blocks.
    func discard() {
        closeFile()
        unlink(path)
    }

    private func closeFile() {
        let wasOpen = state.withLock { state in
            defer { state.isOpen = false }
            return state.isOpen
        }
        if wasOpen { close(descriptor) }
    }
}

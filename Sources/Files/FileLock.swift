#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Held as long as it lives: nobody else holds the same file. The system lets it go when the process ends, however.
package final class FileLock: Sendable {
    private let descriptor: Int32

    /// Nil when somebody else holds it.
    package init?(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("cannot be opened", path: path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw FileError("cannot be locked", path: path, code: code)
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}

import Glibc

/// Held as long as it lives: nobody else holds the same file. The system lets it go when the process ends.
package final class FolderLock: Sendable {
    private let descriptor: Int32

    /// Nil when somebody else holds it.
    package init?(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw FileError("lock", path, code: code)
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps a second platform out of one data folder, until the process ends however it ends.
package final class InstallationLock: Sendable {
    private let descriptor: Int32

    /// Throws at once when another process holds the lock.
    package init(_ path: String) throws(FileTrouble) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileTrouble("cannot be opened", path: path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isTaken = errno == EWOULDBLOCK
            let trouble =
                isTaken
                ? FileTrouble(path: path, reason: "is held by another ik that runs on this data folder")
                : FileTrouble("cannot be locked", path: path)
            close(descriptor)
            throw trouble
        }
    }

    deinit { close(descriptor) }
}

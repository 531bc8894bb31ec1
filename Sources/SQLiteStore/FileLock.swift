#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps other processes out for as long as it lives. A killed process leaves nothing behind.
final class FileLock: Sendable {
    private let descriptor: Int32

    init(path: String) throws(StoreProblem) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreProblem("\(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw StoreProblem(
                "the database of \(path) is in use by another platform; stop that one, or choose another --data folder")
        }
    }

    deinit { close(descriptor) }

    /// Makes the file, if there is none, so that only its owner may read it; SQLite's other files take after it.
    static func makePrivate(_ path: String) throws(StoreProblem) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreProblem("\(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        close(descriptor)
    }
}

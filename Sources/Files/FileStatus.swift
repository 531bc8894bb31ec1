package import InferenceKeyWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the system knows of a file.
package struct FileStatus: Sendable, Hashable {
    package var bytes: Int64
    package var modified: Timestamp
    package var isFolder: Bool
    package var isExecutable: Bool

    /// Nil when there is no such file.
    package init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        bytes = Int64(status.st_size)
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        modified = Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
        isFolder = status.st_mode & S_IFMT == S_IFDIR
        isExecutable = !isFolder && access(path, X_OK) == 0
    }

    /// Whether a program can be run from there.
    package static func isProgram(_ path: String) -> Bool { FileStatus(path)?.isExecutable ?? false }
}

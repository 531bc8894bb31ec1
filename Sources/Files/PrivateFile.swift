#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Files that only this user may read.
package enum PrivateFile {
    /// Puts `bytes` there, in one step: a reader, and who looks after a crash, sees the old content or the new.
    ///
    /// - Parameter isDurable: wait until it is on the disk. Without it the content survives the end of this process,
    ///   not a loss of power.
    package static func write(_ bytes: [UInt8], to path: String, isDurable: Bool = false) throws(FileError) {
        let partial = path + ".partial"
        unlink(partial)
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("cannot be written", path: path) }
        var error = FileContent.append(bytes[...], to: descriptor)
        if error == 0, isDurable, fsync(descriptor) != 0 { error = errno }
        close(descriptor)
        if error == 0, rename(partial, path) != 0 { error = errno }
        guard error == 0 else {
            unlink(partial)
            throw FileError("cannot be written", path: path, code: error)
        }
        if isDurable { try? Folder.sync(Folder.parent(of: path) ?? ".") }
    }

    /// Makes an empty one where there is no file.
    package static func ensure(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("cannot be opened", path: path) }
        close(descriptor)
    }
}

import Glibc

/// Files that only this user may read, replaced in one step: a reader sees the old content or the new, never a part.
package enum PrivateFile {
    /// - Parameter isDurable: wait until it is on the disk. Without it the content survives the end of this process,
    ///   not a loss of power.
    package static func write(_ bytes: [UInt8], to path: String, isDurable: Bool = false) throws(FileError) {
        let partial = path + ".partial"
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("write", path) }
        let error = writeAll(bytes, to: descriptor, isDurable: isDurable)
        close(descriptor)
        if error != 0 {
            unlink(partial)
            throw FileError("write", path, code: error)
        }
        guard rename(partial, path) == 0 else { throw FileError("write", path) }
        if isDurable { flushFolder(of: path) }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, isDurable: Bool) -> Int32 {
        let error = FileContent.append(bytes[...], to: descriptor)
        if error == 0, isDurable, fsync(descriptor) != 0 { return errno }
        return error
    }

    private static func flushFolder(of path: String) {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

extension FileContent {
    /// Writes all of `bytes`; gives 0 or an errno.
    static func append(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Int32 {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                return errno
            }
            rest = rest.dropFirst(count)
        }
        return 0
    }
}

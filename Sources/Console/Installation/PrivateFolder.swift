package import Files

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder on this machine.
package struct PrivateFolder: Sendable, Hashable {
    package let path: String

    package init(_ path: String) { self.path = path }

    init(containing path: String) {
        self.init(Folder.parent(of: path) ?? (path == "/" ? "/" : "."))
    }

    /// `path` from the root, without `.` and empty parts; `..` stays, for there may be links.
    static func absolute(_ path: String) -> String {
        var whole = path
        if !path.hasPrefix("/"), let current = getcwd(nil, 0) {
            whole = String(cString: current) + "/" + path
            free(current)
        }
        return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    /// Whether somebody other than the owner may look into it.
    var isOpenToOthers: Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & 0o077 != 0
    }

    var isEmpty: Bool {
        guard let folder = opendir(path) else { return true }
        defer { closedir(folder) }
        var count = 0
        // Two entries are the folder itself and the one above it.
        while count < 3, readdir(folder) != nil { count += 1 }
        return count < 3
    }

    func holds(_ name: String) -> Bool { access(path + "/" + name, F_OK) == 0 }

    /// Makes it, and the folders above it, when it is not there; it is then the owner's alone (0700).
    package func makePrivate() throws(FileError) {
        var info = stat()
        if stat(path, &info) == 0 {
            guard info.st_mode & S_IFMT == S_IFDIR else { throw FileError(path: path, reason: "is not a folder") }
        } else {
            let parent = PrivateFolder(containing: path)
            if parent != self, access(parent.path, F_OK) != 0 { try parent.make() }
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FileError("cannot be made", path: path) }
        }
        guard chmod(path, 0o700) == 0 else { throw FileError("cannot be made private (0700)", path: path) }
        guard access(path, W_OK | X_OK) == 0 else { throw FileError("cannot be written to", path: path) }
    }

    private func make() throws(FileError) {
        let parent = PrivateFolder(containing: path)
        if parent != self, access(parent.path, F_OK) != 0 { try parent.make() }
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw FileError("cannot be made", path: path) }
    }

    /// Bytes that an ordinary user may still write to its file system.
    package var freeBytes: Int64? {
        var info = statvfs()
        var existing = self
        while statvfs(existing.path, &info) != 0 {
            let parent = PrivateFolder(containing: existing.path)
            guard parent != existing else { return nil }
            existing = parent
        }
        // Some file systems answer with the largest number there is.
        let (bytes, isMore) = UInt64(info.f_bavail).multipliedReportingOverflow(by: UInt64(info.f_frsize))
        return isMore ? .max : Int64(clamping: bytes)
    }
}

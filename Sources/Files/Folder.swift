#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Folders: made, listed, removed, made durable.
package enum Folder {
    /// Makes the folder and those above it, for this user only.
    package static func make(_ path: String) throws(FileError) {
        if mkdir(path, 0o700) == 0 { return }
        if errno == EEXIST, isFolder(path) { return }
        if errno == ENOENT, let parent = parent(of: path) {
            try make(parent)
            if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        }
        throw FileError("cannot be made", path: path)
    }

    /// The names in the folder, sorted; none when it cannot be read.
    package static func names(in path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes the folder with all that is in it. Links are removed, not followed.
    package static func remove(_ path: String) {
        for name in names(in: path) {
            let inner = path + "/" + name
            if isFolder(inner, followingLinks: false) { remove(inner) } else { unlink(inner) }
        }
        rmdir(path)
    }

    /// Makes the names in it durable. Not every file system can.
    package static func sync(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("cannot be opened", path: path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError("cannot be flushed", path: path) }
    }

    package static func isFolder(_ path: String, followingLinks: Bool = true) -> Bool {
        var status = stat()
        let result = followingLinks ? stat(path, &status) : lstat(path, &status)
        return result == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The folder that holds `path`, or nil for a bare name and for the root.
    package static func parent(of path: String) -> String? {
        guard let slash = path.lastIndex(of: "/"), path.count > 1 else { return nil }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

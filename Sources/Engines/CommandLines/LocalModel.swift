import Files
import Worker

/// Models that lie on this machine's disk.
enum LocalModel {
    private static let endings = [".safetensors", ".bin", ".pt", ".pth", ".gguf"]

    /// The size of the weights at `path`: a file (with the other parts of a split GGUF), or a folder's weight files. Nil
    /// when nothing is there: a name on a hub.
    static func weights(at path: String) -> ModelWeights? {
        guard path.hasPrefix("/"), let status = FileStatus(path) else { return nil }
        guard status.isFolder else { return ModelWeights(path: path, bytes: parts(of: path) ?? status.bytes) }
        let names = Folder.names(in: path)
        // A folder that has both forms is loaded from safetensors.
        let safe = names.filter { $0.hasSuffix(".safetensors") }
        let files = safe.isEmpty ? names.filter { name in endings.contains(where: name.hasSuffix) } : safe
        let bytes = files.compactMap { FileStatus("\(path)/\($0)")?.bytes }.reduce(0, +)
        return bytes > 0 ? ModelWeights(path: path, bytes: bytes) : nil
    }

    /// The size of all parts when the file is one of `NAME-00001-of-00003.gguf`.
    private static func parts(of path: String) -> Int64? {
        guard let slash = path.lastIndex(of: "/") else { return nil }
        let name = path[path.index(after: slash)...]
        let pieces = name.split(separator: "-", omittingEmptySubsequences: false)
        guard pieces.count > 3, name.hasSuffix(".gguf"), pieces[pieces.count - 2] == "of" else { return nil }
        let opening = pieces.dropLast(3).joined(separator: "-") + "-"
        let ending = "-of-" + pieces[pieces.count - 1]
        let folder = String(path[..<slash])
        let files = Folder.names(in: folder).filter { $0.hasPrefix(opening) && $0.hasSuffix(ending) }
        return files.compactMap { FileStatus("\(folder)/\($0)")?.bytes }.reduce(0, +)
    }
}

import Files
package import InferenceKeyWire

/// Finds engines on this machine.
///
/// Programs are looked for in the operator's search path, then in `PATH`, then in the newest environment of the engine
/// folders: `FOLDER/vllm/0.32.0/bin/vllm`, or without a version `FOLDER/llamacpp/bin/llama-server`.
package struct EngineFinder: Sendable, Hashable {
    /// Folders with programs; a relative one is not looked into.
    package var searchPath: [String]
    /// Folders with one folder per backend.
    package var engineFolders: [String]

    package init(searchPath: [String], engineFolders: [String]) {
        self.searchPath = searchPath.filter { $0.hasPrefix("/") }
        self.engineFolders = engineFolders
    }

    /// The path of a program for the backend, or nil.
    package func program(_ name: String, for backend: Backend) -> String? {
        let environments = environments(of: backend).map(\.programs)
        return (searchPath + environments).map { "\($0)/\(name)" }.first(where: FileStatus.isProgram)
    }

    /// Every environment of the backend, the newest version first.
    package func environments(of backend: Backend) -> [Environment] {
        var found: [Environment] = []
        for folder in engineFolders.map({ "\($0)/\(backend)" }) {
            for name in Folder.names(in: folder) where name != "bin" && !name.hasSuffix(".partial") {
                let environment = Environment(folder: "\(folder)/\(name)", version: name)
                if environment.isComplete(for: backend) { found.append(environment) }
            }
            let plain = Environment(folder: folder, version: nil)
            if Folder.isFolder(plain.programs) { found.append(plain) }
        }
        return found.sorted { VersionOrder.isNewer($0.version ?? "", than: $1.version ?? "") }
    }

    /// An engine in a folder of its own.
    package struct Environment: Sendable, Hashable {
        package var folder: String
        package var version: String?

        package var programs: String { folder + "/bin" }

        /// It holds a launcher, and no installation of ours broke off in it.
        func isComplete(for backend: Backend) -> Bool {
            if FileStatus(folder + "/" + EngineFinder.unfinishedMark) != nil { return false }
            return Set(EngineFinder.launcherNames(of: backend)).contains { FileStatus.isProgram("\(programs)/\($0)") }
        }
    }

    /// Stands in a folder while an engine is being installed into it.
    package static let unfinishedMark = ".inferencekey-unfinished"

    /// The programs that tell that a backend is there.
    package static func launcherNames(of backend: Backend) -> [String] {
        switch backend {
        case .vllm: ["vllm"]
        case .vllmOmni: ["vllm-omni", "vllm"]
        case .sglang: ["sglang"]
        case .llamacpp: ["llama-server"]
        case .ollama: ["ollama"]
        default: []
        }
    }
}

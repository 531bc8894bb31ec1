package import InferenceKeyWire

/// A user's command line, found to call its backend's own launcher.
package struct EngineCommand: Sendable, Hashable {
    package let words: [String]

    /// Why a command line will not be run.
    package struct BadCommand: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Splits `line` and checks that its program is the launcher of `backend`: a control token must not be a way to run
    /// anything at all on a worker. An absolute path to the launcher passes here; the worker decides whether it may be.
    package init(_ line: String, for backend: Backend) throws(BadCommand) {
        do {
            words = try ShellWords.split(line)
        } catch {
            throw BadCommand(description: error.description)
        }
        guard let program = words.first else { throw BadCommand(description: "is empty") }
        let launchers = Self.launchers(of: backend)
        guard !launchers.isEmpty else { throw BadCommand(description: "is not used by the backend \(backend)") }
        guard launchers.contains(where: { matches($0) }) else {
            let names = launchers.map { "\"" + $0.joined(separator: " ") + "\"" }.joined(separator: " or ")
            throw BadCommand(description: "must begin with \(names) for the backend \(backend), not \"\(program)\"")
        }
        if program.contains("/"), !program.hasPrefix("/") {
            throw BadCommand(description: "must name its launcher without a folder, or by an absolute path")
        }
    }

    package var program: String { words[0] }

    /// How each backend may be called; the first word may also be an absolute path that ends with it.
    package static func launchers(of backend: Backend) -> [[String]] {
        switch backend {
        case .vllm: [["vllm", "serve"]]
        case .vllmOmni: [["vllm", "serve"], ["vllm-omni", "serve"]]
        case .sglang:
            [
                ["sglang", "serve"], ["python", "-m", "sglang.launch_server"],
                ["python3", "-m", "sglang.launch_server"],
            ]
        case .llamacpp: [["llama-server"]]
        case .ollama: [["ollama", "serve"]]
        default: []
        }
    }

    private func matches(_ launcher: [String]) -> Bool {
        guard words.count >= launcher.count, let name = launcher.first else { return false }
        let base = words[0].split(separator: "/").last.map(String.init) ?? words[0]
        return base == name && Array(words[1..<launcher.count]) == Array(launcher.dropFirst())
    }

    /// The value of an option, in either form: `--name value` or `--name=value`; the last one counts.
    package func option(_ names: String...) -> String? {
        var found: String?
        for (index, word) in words.enumerated() {
            for name in names {
                if word == name, index + 1 < words.count { found = words[index + 1] }
                if word.hasPrefix(name + "=") { found = String(word.dropFirst(name.count + 1)) }
            }
        }
        return found
    }

    /// Whether an option stands there, in either form.
    package func has(_ names: String...) -> Bool {
        words.contains { word in names.contains { word == $0 || word.hasPrefix($0 + "=") } }
    }
}

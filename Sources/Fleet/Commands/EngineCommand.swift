package import InferenceKeyWire

/// A user's command line, found to call its backend's own launcher.
package struct EngineCommand: Sendable, Hashable {
    package let words: [String]

    /// Why a command line will not be run.
    package struct BadCommand: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Splits `line` and checks that its program is the launcher of `backend`, and that no option takes the engine out of
    /// the platform's hands: a control token must not be a way to run anything at all on a worker. An absolute path to
    /// the launcher passes here; the worker decides whether it may be.
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
        if let refusal = refusal(for: backend) { throw BadCommand(description: refusal) }
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

    /// The first value of an option, in either form: `--name value` or `--name=value`. The last time it is given counts.
    package func option(_ names: String...) -> String? {
        uses(of: names).last { $0.value != nil || $0.index + 1 < words.count }.map { $0.value ?? words[$0.index + 1] }
    }

    /// All values of an option: those up to the next option. Nil when it is absent.
    package func values(of names: [String]) -> [String]? {
        uses(of: names).last.map { use in
            use.value.map { [$0] } ?? Array(words[(use.index + 1)...].prefix { !$0.hasPrefix("-") })
        }
    }

    /// Whether an option stands there, in either form.
    package func has(_ names: String...) -> Bool { !uses(of: names).isEmpty }

    /// Where an option stands, with its value when that is in the same word. Engines take `--long_name` for `--long-name`.
    func uses(of names: [String]) -> [(index: Int, value: String?)] {
        words.enumerated().compactMap { (index, word) -> (index: Int, value: String?)? in
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let written = parts.first else { return nil }
            let name = written.hasPrefix("--") ? String(written).replacing("_", with: "-") : String(written)
            return names.contains(name) ? (index, parts.count > 1 ? String(parts[1]) : nil) : nil
        }
    }
}

import InferenceKeyWire

extension EngineCommand {
    /// The port that the command itself names; one engine of a machine can have it.
    package var port: Int? { option("--port").flatMap { Int($0) } }

    /// Why an option would take the engine out of the platform's hands; nil when none would.
    func refusal(for backend: Backend) -> String? {
        for (name, reason) in Self.forbidden(for: backend) {
            guard let use = uses(of: [name]).first else { continue }
            let word = words[use.index].prefix { $0 != "=" }
            return "has \(word), which \(reason)"
        }
        if backend == .ollama { return nil }
        if let host = option("--host"), host != "127.0.0.1", host != "localhost" {
            return "must leave --host out: --host \(host) would open the engine to others (it listens on 127.0.0.1 and "
                + "is reached through the Gateway)"
        }
        guard has("--port") else { return nil }
        guard let port, (1...65_535).contains(port) else {
            return "must name a port from 1 to 65535 with --port, or leave it out"
        }
        return nil
    }

    private static func forbidden(for backend: Backend) -> [(name: String, reason: String)] {
        let ownKey = "is not yours to set: the platform gives each replica a key of its own"
        switch backend {
        case .vllm, .vllmOmni:
            return [("--api-key", ownKey), ("--uds", "would hide the engine from the Gateway; leave it out")]
        case .llamacpp: return [("--api-key", ownKey), ("--api-key-file", ownKey)]
        case .sglang: return [("--api-key", "is not supported: callers are checked by the Gateway; leave it out")]
        default: return []
        }
    }
}

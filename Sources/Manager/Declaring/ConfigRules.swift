import Fleet
import InferenceKeyWire

/// What `config` must be for each backend. Keys that no backend knows are the user's own and are kept.
enum ConfigRules {
    /// A larger config is refused, bytes of its JSON: every assignment of a worker carries it once per replica.
    static let maxBytes = 64 << 10
    /// A config that is nested deeper is refused: what stores and carries it is nested around it.
    static let maxDepth = 64

    static func problems(of workload: WorkloadRecord) -> [String: String] {
        var problems: [String: String] = [:]
        let config = workload.config ?? [:]
        if let problem = sizeProblem(.object(config)) { return ["config": problem] }
        checkCommand(config["command"], workload.backend, &problems)
        checkVersion(config["vllm_version"], workload.backend, command: workload.command, &problems)
        checkEnvironment(config["env"], &problems)
        check(config[GatewayConfig.routing], "config.routing", &problems) { (value) throws(FieldErrors) in
            _ = try RoutingSpec(json: value)
        }
        check(config[GatewayConfig.limits], "config.limits", &problems) { (value) throws(FieldErrors) in
            _ = try EndpointLimits(json: value)
        }
        return problems
    }

    private static func sizeProblem(_ config: JSONValue) -> String? {
        if depth(of: config) > maxDepth { return "must not be nested deeper than \(maxDepth)" }
        let bytes = config.bytes.count
        return bytes > maxBytes ? "must not be larger than \(maxBytes) bytes; it has \(bytes)" : nil
    }

    private static func depth(of value: JSONValue) -> Int {
        switch value {
        case .array(let items): 1 + (items.map(depth).max() ?? 0)
        case .object(let object): 1 + (object.map { depth(of: $0.value) }.max() ?? 0)
        default: 0
        }
    }

    /// What Gateways alone read, for whatever backend.
    private static func check(
        _ value: JSONValue?, _ field: String, _ problems: inout [String: String],
        _ read: (JSONValue) throws(FieldErrors) -> Void
    ) {
        guard let value, !value.isNull else { return }
        do throws(FieldErrors) { try read(value) } catch {
            for (key, reason) in error.fields { problems[key == "body" ? field : "\(field).\(key)"] = reason }
        }
    }

    private static let needCommand: Set<Backend> = [.vllm, .vllmOmni, .llamacpp]

    private static func checkCommand(_ value: JSONValue?, _ backend: Backend, _ problems: inout [String: String]) {
        let field = "config.command"
        guard let value, !value.isNull else {
            if needCommand.contains(backend) {
                let launcher = EngineCommand.launchers(of: backend).first?.joined(separator: " ") ?? ""
                problems[field] = "is required for the backend \(backend), such as \"\(launcher) …\""
            }
            return
        }
        guard let line = value.stringValue else {
            problems[field] = "must be a string, not \(value.kindName)"
            return
        }
        guard Backend.builtIn.contains(backend) else { return }
        do {
            _ = try EngineCommand(line, for: backend)
        } catch {
            problems[field] = error.description
        }
    }

    private static func checkVersion(
        _ value: JSONValue?, _ backend: Backend, command: String?, _ problems: inout [String: String]
    ) {
        guard let value, !value.isNull else { return }
        let field = "config.vllm_version"
        guard let version = value.stringValue else {
            problems[field] = "must be a string, not \(value.kindName)"
            return
        }
        if backend != .vllm && backend != .vllmOmni {
            problems[field] = "is for the backends vllm and vllm-omni only"
        } else if !ExactVersion.isValid(version) {
            problems[field] = "must be an exact version such as 0.11.2, not \"\(version.prefix(60))\""
        } else if command?.hasPrefix("/") == true {
            problems[field] = "cannot hold for a launcher that config.command names by a path; leave one of them out"
        }
    }

    private static func checkEnvironment(_ value: JSONValue?, _ problems: inout [String: String]) {
        guard let value, !value.isNull else { return }
        guard let variables = value.objectValue else {
            problems["config.env"] = "must be an object of strings, not \(value.kindName)"
            return
        }
        for (name, value) in variables {
            let field = "config.env.\(name)"
            if let refusal = WorkloadVariable.refusal(of: name) {
                problems[field] = refusal
            } else if value.stringValue == nil {
                problems[field] = "must be a string, not \(value.kindName)"
            } else if value.stringValue?.contains("\0") == true {
                problems[field] = "must not hold a NUL character"
            }
        }
    }
}

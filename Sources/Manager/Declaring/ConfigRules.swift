import Fleet
import InferenceKeyWire

/// What `config` must be for each backend. Keys that no backend knows are the user's own and are kept.
enum ConfigRules {
    static func problems(of workload: WorkloadRecord) -> [String: String] {
        var problems: [String: String] = [:]
        let config = workload.config ?? [:]
        checkCommand(config["command"], workload.backend, &problems)
        checkVersion(config["vllm_version"], workload.backend, &problems)
        checkEnvironment(config["env"], &problems)
        check(config[GatewayConfig.routing], "config.routing", &problems) { (value) throws(FieldErrors) in
            _ = try RoutingSpec(json: value)
        }
        check(config[GatewayConfig.limits], "config.limits", &problems) { (value) throws(FieldErrors) in
            _ = try EndpointLimits(json: value)
        }
        return problems
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

    private static func checkVersion(_ value: JSONValue?, _ backend: Backend, _ problems: inout [String: String]) {
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
            if !isName(name) {
                problems[field] = "is no name of an environment variable (A-Z, a-z, 0-9 and _)"
            } else if isReserved(name) {
                problems[field] = "may not be set by a workload: it decides what runs or who may call it"
            } else if value.stringValue == nil {
                problems[field] = "must be a string, not \(value.kindName)"
            } else if value.stringValue?.contains("\0") == true {
                problems[field] = "must not hold a NUL character"
            }
        }
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first), name.utf8.count <= 256 else { return false }
        return name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
        }
    }

    /// Variables through which a control token could run something of its own on a worker, and those that we set.
    private static func isReserved(_ name: String) -> Bool {
        let names: Set<String> = ["PATH", "HOME", "BASH_ENV", "ENV", "IFS", "SHELL", "VLLM_API_KEY", "LLAMA_API_KEY"]
        let prefixes = ["LD_", "DYLD_", "PYTHON", "INFERENCEKEY_", "GCONV_"]
        return names.contains(name) || prefixes.contains { name.hasPrefix($0) }
    }
}

/// An exact version of a Python package, such as `0.11.2`, `0.12.0rc1` or `0.11.0+cpu`.
enum ExactVersion {
    static func isValid(_ text: String) -> Bool {
        guard text.utf8.count <= 60 else { return false }
        let parts = text.split(separator: "+", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else { return false }
        if parts.count == 2, !parts[1].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") }) {
            return false
        }
        let release = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard release.count >= 2, release.allSatisfy({ !$0.isEmpty }), isNumber(release[0]) else { return false }
        return release.dropFirst().allSatisfy(isPart)
    }

    /// `2`, `0rc1`, `post1`, `dev3`
    private static func isPart(_ part: Substring) -> Bool {
        for mark in ["post", "dev"] where part.hasPrefix(mark) { return isNumber(part.dropFirst(mark.count)) }
        let number = part.prefix { isDigit($0) }
        let rest = part.dropFirst(number.count)
        guard !number.isEmpty else { return false }
        guard let mark = ["rc", "a", "b"].first(where: { rest.hasPrefix($0) }) else { return rest.isEmpty }
        return isNumber(rest.dropFirst(mark.count))
    }

    private static func isNumber(_ text: Substring) -> Bool { !text.isEmpty && text.allSatisfy(isDigit) }
    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }
}

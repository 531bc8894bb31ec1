package import Fleet
package import InferenceKeyWire

/// The clean environment of an engine.
///
/// It has `PATH`, `HOME`, `LANG`, `TMPDIR`, the engines' own families of the agent's environment, what the operator
/// adds, the workload's `config.env`, what the adapter sets, and the replica's marker. Later ones win, and a workload
/// cannot set what is ours.
package enum EngineEnvironment {
    private static let singles: Set<String> = ["PATH", "HOME", "LANG", "TMPDIR", "DO_NOT_TRACK"]
    private static let families = [
        "VLLM_", "SGLANG_", "OLLAMA_", "LLAMA_", "HF_", "TORCH_", "OMP_", "CUDA_", "NVIDIA_", "ROCR_", "HIP_",
    ]

    /// Engine keys of the agent's own environment are not the replica's.
    private static let dropped: Set<String> = ["VLLM_API_KEY", "LLAMA_API_KEY", "LLAMA_ARG_API_KEY"]

    /// Those of the agent's variables that an engine may see.
    package static func inherited(_ agent: [String: String]) -> [String: String] {
        agent.filter { name, _ in
            !dropped.contains(name) && (singles.contains(name) || families.contains(where: name.hasPrefix))
        }
    }

    package static func make(
        agent: [String: String], operatorAdditions: [String: String], workload: [String: String], launch: EngineLaunch,
        replica: ReplicaID
    ) -> [String: String] {
        var variables = inherited(agent)
        variables.merge(operatorAdditions) { $1 }
        variables.merge(workload) { $1 }
        variables.merge(launch.variables) { $1 }
        let path = launch.pathFolders + [variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"]
        variables["PATH"] = path.joined(separator: ":")
        // Python programs that rename themselves (vLLM's engine core does) write over the memory that holds their
        // environment, and with it the marker. This asks them to leave it alone.
        variables["SPT_NOENV"] = "1"
        variables[ProcessTable.marker] = replica.text
        return variables
    }

    /// The workload's `config.env`: names to strings. Throws `bad_command` for what it may not set.
    package static func workload(_ config: JSONObject) throws(Failure) -> [String: String] {
        guard let value = config["env"], !value.isNull else { return [:] }
        guard let object = value.objectValue else {
            throw Failure(.badCommand, "config.env must be an object of strings, not \(value.kindName)")
        }
        var variables: [String: String] = [:]
        for (name, value) in object {
            guard let text = value.stringValue else {
                throw Failure(.badCommand, "config.env.\(name) must be a string, not \(value.kindName)")
            }
            if let refusal = WorkloadVariable.refusal(of: name) {
                throw Failure(.badCommand, "config.env.\(name) \(refusal)")
            }
            guard !text.utf8.contains(0) else {
                throw Failure(.badCommand, "config.env.\(name) must not hold a NUL character")
            }
            variables[name] = text
        }
        return variables
    }
}

import InferenceKey
import InferenceKeyWire

extension Arguments {
    /// The spec under `key`. What is blank in it is left for the client to refuse.
    mutating func spec(_ key: String = "spec") throws(InferenceKeyError) -> WorkloadSpec {
        guard let object = object(key) else {
            reject(key, "is required")
            try finish()
            return WorkloadSpec(name: "", slug: "", model: "", backend: "")
        }
        var given = Arguments(.object(object))
        let spec = WorkloadSpec(
            name: given.requiredText("name"), slug: given.requiredText("slug"), model: given.requiredText("model"),
            backend: Backend(rawValue: given.requiredText("backend")), project: given.text("project"),
            description: given.text("description"), command: given.text("command"),
            vllmVersion: given.text("vllm_version"), taskType: given.choice("task_type", TaskType.self),
            config: given.object("config"), executionPolicy: given.choice("execution_policy", ExecutionPolicy.self),
            executionPolicyConfig: given.object("execution_policy_config"), workerID: given.text("worker_id"),
            gpuResourceID: given.text("gpu_resource_id"))
        try given.finish()
        return spec
    }
}

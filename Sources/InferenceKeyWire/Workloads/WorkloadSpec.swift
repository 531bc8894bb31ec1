/// One workload as its user declares it: a model, a backend, a policy. A field left nil is never drift.
public struct WorkloadSpec: Sendable, Hashable {
    public var name: String
    public var slug: String
    /// The model to serve: a hub name such as `Qwen/Qwen2.5-0.5B-Instruct`, a path, or an Ollama tag.
    public var model: String
    public var backend: Backend
    /// The project's slug; the client's own when nil.
    public var project: String?
    public var description: String?
    /// The engine's command line, such as `vllm serve NAME --max-model-len 8192`.
    public var command: String?
    /// The exact vLLM version to run.
    public var vllmVersion: String?
    public var taskType: TaskType?
    public var config: JSONObject?
    public var executionPolicy: ExecutionPolicy?
    public var executionPolicyConfig: JSONObject?
    public var workerID: String?
    public var gpuResourceID: String?

    public init(
        name: String, slug: String, model: String, backend: Backend, project: String? = nil,
        description: String? = nil, command: String? = nil, vllmVersion: String? = nil, taskType: TaskType? = nil,
        config: JSONObject? = nil, executionPolicy: ExecutionPolicy? = nil,
        executionPolicyConfig: JSONObject? = nil, workerID: String? = nil, gpuResourceID: String? = nil
    ) {
        self.name = name
        self.slug = slug
        self.model = model
        self.backend = backend
        self.project = project
        self.description = description
        self.command = command
        self.vllmVersion = vllmVersion
        self.taskType = taskType
        self.config = config
        self.executionPolicy = executionPolicy
        self.executionPolicyConfig = executionPolicyConfig
        self.workerID = workerID
        self.gpuResourceID = gpuResourceID
    }

    /// The config that travels: the declared one with `command` and `vllm_version` merged in (the spec's own fields
    /// win); nil when nothing of it was declared.
    public var mergedConfig: JSONObject? {
        guard config != nil || command != nil || vllmVersion != nil else { return nil }
        var merged = config ?? JSONObject()
        if let command { merged["command"] = .string(command) }
        if let vllmVersion { merged["vllm_version"] = .string(vllmVersion) }
        return merged
    }

    /// The declared fields as a create body carries them.
    public var fields: WorkloadFields {
        var fields = WorkloadFields()
        fields.name = name
        fields.slug = Slug.make(from: slug)
        fields.description = description
        fields.taskType = taskType
        fields.backend = backend
        fields.modelName = model
        fields.config = mergedConfig
        fields.workerID = workerID
        fields.gpuResourceID = gpuResourceID
        fields.executionPolicy = executionPolicy
        fields.executionPolicyConfig = executionPolicyConfig
        return fields
    }
}

extension WorkloadSpec {
    /// Reads one spec as files and bindings write it: `name`, `slug` (made from the name if absent), `model` or
    /// `model_name`, `backend`, and the optional fields in snake_case. Unknown fields are refused by name.
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        let name = fields.string("name", required: !fields.has("slug"))
        let slug = fields.string("slug")
        let modelName = fields.string("model_name")
        let model = fields.string("model", required: modelName == nil)
        let backend = fields.string("backend", required: true)
        self.init(
            name: name ?? slug ?? "", slug: slug ?? name.flatMap(Slug.make(from:)) ?? "",
            model: model ?? modelName ?? "", backend: Backend(rawValue: backend ?? ""),
            project: fields.string("project"), description: fields.string("description"),
            command: fields.string("command"), vllmVersion: fields.string("vllm_version"),
            taskType: fields.choice("task_type", TaskType.self), config: fields.object("config"),
            executionPolicy: fields.choice("execution_policy", ExecutionPolicy.self),
            executionPolicyConfig: fields.object("execution_policy_config"),
            workerID: fields.string("worker_id"), gpuResourceID: fields.string("gpu_resource_id"))
        if model != nil, modelName != nil { fields.reject("model_name", "stands beside model; give one of them") }
        try fields.finish()
    }
}

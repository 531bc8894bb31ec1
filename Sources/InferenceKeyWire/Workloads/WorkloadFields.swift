/// The fields a user declares of a workload, as they travel in a create or patch body; nil means not given.
///
/// `config`, `execution_policy_config` and the descriptive fields may be given as `null`, which clears them: that is
/// ``cleared``.
public struct WorkloadFields: Sendable, Hashable {
    public var name: String?
    public var slug: String?
    public var description: String?
    public var taskType: TaskType?
    public var backend: Backend?
    public var modelName: String?
    public var config: JSONObject?
    public var workerID: String?
    public var gpuResourceID: String?
    public var executionPolicy: ExecutionPolicy?
    public var executionPolicyConfig: JSONObject?
    /// Wire names of fields given as `null`.
    public var cleared: Set<String> = []

    public init() {}

    /// Fields that may be cleared with `null` in a patch.
    package static let clearable: Set<String> = [
        "description", "config", "worker_id", "gpu_resource_id", "execution_policy_config",
    ]

    /// The body on the wire, in the order of the specification.
    public var json: JSONValue {
        var object = JSONObject()
        object["name"] = name.map { .string($0) }
        object["slug"] = slug.map { .string($0) }
        object["description"] = description.map { .string($0) }
        object["task_type"] = taskType.map { .string($0.rawValue) }
        object["backend"] = backend.map { .string($0.rawValue) }
        object["model_name"] = modelName.map { .string($0) }
        object["config"] = config.map { .object($0) }
        object["worker_id"] = workerID.map { .string($0) }
        object["gpu_resource_id"] = gpuResourceID.map { .string($0) }
        object["execution_policy"] = executionPolicy.map { .string($0.rawValue) }
        object["execution_policy_config"] = executionPolicyConfig.map { .object($0) }
        for name in cleared.sorted() { object[name] = .null }
        return .object(object)
    }
}

extension WorkloadFields {
    /// Reads a create body: name, backend and model_name are required; unknown fields are refused by name.
    package init(creating json: JSONValue) throws(FieldErrors) { try self.init(json, required: true) }

    /// Reads a patch body: everything is optional, the slug is refused.
    package init(patching json: JSONValue) throws(FieldErrors) { try self.init(json, required: false) }

    private init(_ json: JSONValue, required: Bool) throws(FieldErrors) {
        var fields = JSONFields(json)
        name = fields.string("name", required: required, maxBytes: 200)
        slug = fields.string("slug", maxBytes: Slug.maxLength)
        description = fields.string("description", maxBytes: 4096)
        taskType = fields.choice("task_type", TaskType.self)
        backend = fields.string("backend", required: required, maxBytes: Slug.maxLength).map(Backend.init(rawValue:))
        modelName = fields.string("model_name", required: required, maxBytes: 1024)
        config = fields.object("config")
        workerID = fields.string("worker_id", maxBytes: 64)
        gpuResourceID = fields.string("gpu_resource_id", maxBytes: 64)
        executionPolicy = fields.choice("execution_policy", ExecutionPolicy.self)
        executionPolicyConfig = fields.object("execution_policy_config")
        for key in json.objectValue?.keys ?? [] where json[key]?.isNull == true {
            if Self.clearable.contains(key) { cleared.insert(key) }
        }
        if !required {
            if fields.has("slug") { fields.reject("slug", "cannot change; delete the workload and create another") }
            for (key, text) in [("name", name), ("model_name", modelName), ("backend", backend?.rawValue)]
            where text.map({ $0.allSatisfy(\.isWhitespace) }) == true {
                fields.reject(key, "must not be blank")
            }
        } else if let slug, !Slug.isValid(slug) {
            let hint = Slug.make(from: slug).map { "; try \"\($0)\"" } ?? ""
            fields.reject("slug", "must be 1-63 lower-case letters, digits and single inner dashes\(hint)")
        }
        try fields.finish()
    }
}

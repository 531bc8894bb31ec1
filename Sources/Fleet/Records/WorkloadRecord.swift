package import InferenceKeyWire

/// One declared intent as it is stored: the user's fields, with defaults filled in, and its revision.
package struct WorkloadRecord: Identified, Hashable {
    package static let idPrefix = "wl"
    package var id: WorkloadID
    package var projectID: ProjectID
    package var slug: String
    package var name: String
    package var description: String?
    package var taskType: TaskType
    package var backend: Backend
    package var modelName: String
    package var config: JSONObject?
    package var workerID: WorkerID?
    package var gpuResourceID: String?
    package var executionPolicy: ExecutionPolicy
    package var executionPolicyConfig: JSONObject?
    /// Grows by one per accepted change.
    package var revision: Int
    /// The revision in which a field last changed that an engine process would notice. Replicas of it or later are current.
    package var engineRevision: Int
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    /// Set once deletion was asked for; the record goes when its replicas are gone.
    package var deletingSince: Timestamp?

    package init(
        id: WorkloadID, projectID: ProjectID, slug: String, name: String, description: String? = nil,
        taskType: TaskType = .text2text, backend: Backend, modelName: String, config: JSONObject? = nil,
        workerID: WorkerID? = nil, gpuResourceID: String? = nil, executionPolicy: ExecutionPolicy = .fixed,
        executionPolicyConfig: JSONObject? = nil, revision: Int = 1, engineRevision: Int = 1, createdAt: Timestamp,
        updatedAt: Timestamp, deletingSince: Timestamp? = nil
    ) {
        self.id = id
        self.projectID = projectID
        self.slug = slug
        self.name = name
        self.description = description
        self.taskType = taskType
        self.backend = backend
        self.modelName = modelName
        self.config = config
        self.workerID = workerID
        self.gpuResourceID = gpuResourceID
        self.executionPolicy = executionPolicy
        self.executionPolicyConfig = executionPolicyConfig
        self.revision = revision
        self.engineRevision = engineRevision
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.deletingSince = deletingSince
    }

    /// The user's command line, if one was declared.
    package var command: String? { config?["command"]?.stringValue }
}

extension WorkloadRecord {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        self.init(
            id: ID(fields.string("id", required: true) ?? ""),
            projectID: ID(fields.string("project_id", required: true) ?? ""),
            slug: fields.string("slug", required: true) ?? "", name: fields.string("name", required: true) ?? "",
            description: fields.string("description"),
            taskType: fields.choice("task_type", TaskType.self, required: true) ?? .text2text,
            backend: Backend(rawValue: fields.string("backend", required: true) ?? ""),
            modelName: fields.string("model_name", required: true) ?? "", config: fields.object("config"),
            workerID: fields.string("worker_id").map(ID.init), gpuResourceID: fields.string("gpu_resource_id"),
            executionPolicy: fields.choice("execution_policy", ExecutionPolicy.self, required: true) ?? .fixed,
            executionPolicyConfig: fields.object("execution_policy_config"),
            revision: fields.int("revision", required: true) ?? 1,
            engineRevision: fields.int("engine_revision", required: true) ?? 1,
            createdAt: fields.timestamp("created_at", required: true) ?? Timestamp(milliseconds: 0),
            updatedAt: fields.timestamp("updated_at", required: true) ?? Timestamp(milliseconds: 0),
            deletingSince: fields.timestamp("deleting_since"))
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "id": id.json, "project_id": projectID.json, "slug": .string(slug), "name": .string(name),
            "description": .optional(description), "task_type": .string(taskType.rawValue),
            "backend": .string(backend.rawValue), "model_name": .string(modelName),
            "config": config.map { .object($0) } ?? .null, "worker_id": .optional(workerID?.text),
            "gpu_resource_id": .optional(gpuResourceID), "execution_policy": .string(executionPolicy.rawValue),
            "execution_policy_config": executionPolicyConfig.map { .object($0) } ?? .null, "revision": .int(revision),
            "engine_revision": .int(engineRevision), "created_at": .string(createdAt.description),
            "updated_at": .string(updatedAt.description), "deleting_since": .optional(deletingSince?.description),
        ]
    }
}

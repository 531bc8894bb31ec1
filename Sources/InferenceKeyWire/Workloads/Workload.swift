/// What a workload is doing.
public enum WorkloadStatus: String, Sendable, Hashable, CaseIterable {
    case pending, starting, ready, degraded, failed, stopped, deleting
}

/// How a change of the running engine would be carried out.
public enum ChangeEffect: String, Sendable, Hashable, CaseIterable {
    /// No engine process notices.
    case inPlace = "in_place"
    /// New replicas become ready before the old ones are drained.
    case rolling
    /// There is no room for both at once: the old replica is stopped first.
    case recreate
}

/// A workload as the control plane answers it. Fields never set are nil.
public struct Workload: Sendable, Hashable {
    public var id: String
    public var name: String
    public var description: String?
    public var slug: String
    public var projectID: String
    public var projectSlug: String
    public var taskType: TaskType
    public var backend: Backend
    public var modelName: String
    public var config: JSONObject?
    public var workerID: String?
    public var gpuResourceID: String?
    public var executionPolicy: ExecutionPolicy
    public var executionPolicyConfig: JSONObject?
    /// Grows by one per accepted change.
    public var revision: Int
    public var status: WorkloadStatus
    public var statusReason: String?
    /// What replacing a replica would be: `rolling`, or `recreate` where there is no room for both at once.
    public var replacement: ChangeEffect
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    package init(
        id: String, name: String, description: String?, slug: String, projectID: String, projectSlug: String,
        taskType: TaskType, backend: Backend, modelName: String, config: JSONObject?, workerID: String?,
        gpuResourceID: String?, executionPolicy: ExecutionPolicy, executionPolicyConfig: JSONObject?, revision: Int,
        status: WorkloadStatus, statusReason: String?, replacement: ChangeEffect, createdAt: Timestamp,
        updatedAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.slug = slug
        self.projectID = projectID
        self.projectSlug = projectSlug
        self.taskType = taskType
        self.backend = backend
        self.modelName = modelName
        self.config = config
        self.workerID = workerID
        self.gpuResourceID = gpuResourceID
        self.executionPolicy = executionPolicy
        self.executionPolicyConfig = executionPolicyConfig
        self.revision = revision
        self.status = status
        self.statusReason = statusReason
        self.replacement = replacement
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

extension Workload {
    /// Reads an answer of the control plane; fields this version does not know are tolerated.
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        self.init(
            id: fields.string("id", required: true) ?? "", name: fields.string("name", required: true) ?? "",
            description: fields.string("description"), slug: fields.string("slug", required: true) ?? "",
            projectID: fields.string("project_id") ?? "", projectSlug: fields.string("project_slug") ?? "",
            taskType: fields.choice("task_type", TaskType.self) ?? .text2text,
            backend: Backend(rawValue: fields.string("backend", required: true) ?? ""),
            modelName: fields.string("model_name", required: true) ?? "", config: fields.object("config"),
            workerID: fields.string("worker_id"), gpuResourceID: fields.string("gpu_resource_id"),
            executionPolicy: fields.choice("execution_policy", ExecutionPolicy.self) ?? .fixed,
            executionPolicyConfig: fields.object("execution_policy_config"), revision: fields.int("revision") ?? 1,
            status: fields.choice("status", WorkloadStatus.self) ?? .pending,
            statusReason: fields.string("status_reason"),
            replacement: fields.choice("replacement", ChangeEffect.self) ?? .rolling,
            createdAt: fields.timestamp("created_at") ?? Timestamp(milliseconds: 0),
            updatedAt: fields.timestamp("updated_at") ?? Timestamp(milliseconds: 0))
        try fields.finish(allowingUnknown: true)
    }

    public var json: JSONValue {
        [
            "id": .string(id), "name": .string(name), "description": .optional(description), "slug": .string(slug),
            "project_id": .string(projectID), "project_slug": .string(projectSlug), "workload_slug": .string(slug),
            "task_type": .string(taskType.rawValue), "backend": .string(backend.rawValue),
            "model_name": .string(modelName), "config": config.map { .object($0) } ?? .null,
            "worker_id": .optional(workerID), "gpu_resource_id": .optional(gpuResourceID),
            "execution_policy": .string(executionPolicy.rawValue),
            "execution_policy_config": executionPolicyConfig.map { .object($0) } ?? .null,
            "revision": .int(revision), "status": .string(status.rawValue), "status_reason": .optional(statusReason),
            "replacement": .string(replacement.rawValue), "created_at": .string(createdAt.description),
            "updated_at": .string(updatedAt.description),
        ]
    }
}

import Fleet
import InferenceKeyWire

extension WorkloadRecord {
    /// The record that a create body asks for, defaults filled in; its id and times are given when it is accepted.
    /// - Parameter published: the custom backends of the project's tenant.
    init(creating fields: WorkloadFields, in project: ProjectID, published: Set<String> = []) throws(FieldErrors) {
        let name = fields.name ?? ""
        guard let slug = fields.slug ?? Slug.make(from: name) else {
            throw FieldErrors("slug", "cannot be made from the name \"\(name)\"; give one of a-z, 0-9 and -")
        }
        let unknown = Timestamp(milliseconds: 0)
        self.init(
            id: ID(""), projectID: project, slug: slug, name: name, backend: fields.backend ?? Backend(rawValue: ""),
            modelName: fields.modelName ?? "", createdAt: unknown, updatedAt: unknown)
        take(fields)
        try WorkloadRules.check(self, published: published)
    }

    /// The record after a patch; the caller counts the revision.
    func changed(by fields: WorkloadFields, published: Set<String> = []) throws(FieldErrors) -> WorkloadRecord {
        var record = self
        record.take(fields)
        try WorkloadRules.check(record, published: published)
        return record
    }

    private mutating func take(_ fields: WorkloadFields) {
        if let value = fields.name { name = value }
        if let value = fields.description { description = value }
        if let value = fields.taskType { taskType = value }
        if let value = fields.backend { backend = value }
        if let value = fields.modelName { modelName = value }
        if let value = fields.config { config = value }
        if let value = fields.workerID { workerID = ID(value) }
        if let value = fields.gpuResourceID { gpuResourceID = value }
        if let value = fields.executionPolicy { executionPolicy = value }
        if let value = fields.executionPolicyConfig { executionPolicyConfig = value }
        if fields.cleared.contains("description") { description = nil }
        if fields.cleared.contains("config") { config = nil }
        if fields.cleared.contains("worker_id") { workerID = nil }
        if fields.cleared.contains("gpu_resource_id") { gpuResourceID = nil }
        if fields.cleared.contains("execution_policy_config") { executionPolicyConfig = nil }
    }

    /// What a user declares of it, by wire name.
    var declared: [(field: String, value: JSONValue)] {
        [
            ("name", .string(name)), ("description", .optional(description)),
            ("task_type", .string(taskType.rawValue)), ("backend", .string(backend.rawValue)),
            ("model_name", .string(modelName)), ("config", config.map { .object($0) } ?? .null),
            ("worker_id", .optional(workerID?.text)), ("gpu_resource_id", .optional(gpuResourceID)),
            ("execution_policy", .string(executionPolicy.rawValue)),
            ("execution_policy_config", executionPolicyConfig.map { .object($0) } ?? .null),
        ]
    }

    /// Fields whose change an engine process, or where it runs, would notice.
    static let engineFields: Set<String> = [
        "task_type", "backend", "model_name", "config", "worker_id", "gpu_resource_id",
    ]

    /// Whether an engine, or where it runs, would notice one of `changes`.
    static func reachEngine(_ changes: [FieldChange]) -> Bool {
        changes.contains { change in
            guard change.field == "config" else { return engineFields.contains(change.field) }
            return GatewayConfig.differsForEngine(change.from, change.to)
        }
    }

    /// What differs from `older`, field by field.
    func changes(since older: WorkloadRecord) -> [FieldChange] {
        zip(older.declared, declared).compactMap { old, new in
            old.value == new.value ? nil : FieldChange(field: new.field, from: old.value, to: new.value)
        }
    }

    /// The first revision's changes: every field that is set, from nothing.
    var firstChanges: [FieldChange] {
        declared.compactMap { $0.value.isNull ? nil : FieldChange(field: $0.field, from: .null, to: $0.value) }
    }
}

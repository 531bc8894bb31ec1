package import InferenceKeyWire

/// One published version of a custom backend: what its package is, not the package itself.
package struct CustomBackendRecord: Identified, Hashable {
    package static let idPrefix = "cb"
    /// Of a package. It holds code: models are downloaded by the engine that needs them.
    package static let maxPackageBytes = 512 << 20
    package var id: CustomBackendID
    package var tenantID: TenantID
    /// What workloads name it by; a slug has one package per version.
    package var slug: String
    package var version: String
    package var name: String
    package var taskType: TaskType
    /// The class in the package that serves, such as `sentiment:Sentiment`.
    package var entrypoint: String
    package var package: ContentHash
    package var sizeBytes: Int
    package var createdAt: Timestamp

    package init(
        id: CustomBackendID, tenantID: TenantID, slug: String, version: String, name: String, taskType: TaskType,
        entrypoint: String, package: ContentHash, sizeBytes: Int, createdAt: Timestamp
    ) {
        self.id = id
        self.tenantID = tenantID
        self.slug = slug
        self.version = version
        self.name = name
        self.taskType = taskType
        self.entrypoint = entrypoint
        self.package = package
        self.sizeBytes = sizeBytes
        self.createdAt = createdAt
    }
}

extension CustomBackendRecord {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        guard let package = fields.string("sha256", required: true).flatMap(ContentHash.init(hex:)) else {
            throw FieldErrors("sha256", "must be 64 hex digits")
        }
        self.init(
            id: ID(fields.string("id", required: true) ?? ""),
            tenantID: ID(fields.string("tenant_id", required: true) ?? ""),
            slug: fields.string("slug", required: true) ?? "", version: fields.string("version", required: true) ?? "",
            name: fields.string("name", required: true) ?? "",
            taskType: fields.choice("task_type", TaskType.self, required: true) ?? .text2text,
            entrypoint: fields.string("entrypoint", required: true) ?? "", package: package,
            sizeBytes: fields.int("size_bytes", required: true) ?? 0,
            createdAt: fields.timestamp("created_at", required: true) ?? Timestamp(milliseconds: 0))
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "id": id.json, "tenant_id": tenantID.json, "slug": .string(slug), "version": .string(version),
            "name": .string(name), "task_type": .string(taskType.rawValue), "entrypoint": .string(entrypoint),
            "sha256": .string(package.hex), "size_bytes": .int(sizeBytes),
            "created_at": .string(createdAt.description),
        ]
    }
}

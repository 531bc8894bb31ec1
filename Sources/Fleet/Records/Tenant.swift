package import InferenceKeyWire

/// The account: the isolation boundary. Nothing crosses it.
package struct Tenant: Identified, Hashable {
    package static let idPrefix = "tn"
    package var id: TenantID
    package var slug: String
    package var createdAt: Timestamp

    package init(id: TenantID, slug: String, createdAt: Timestamp) {
        self.id = id
        self.slug = slug
        self.createdAt = createdAt
    }
}

/// A container of workloads and credentials, named by a slug that is unique in its tenant.
package struct Project: Identified, Hashable {
    package static let idPrefix = "pr"
    package var id: ProjectID
    package var tenantID: TenantID
    package var slug: String
    package var createdAt: Timestamp

    package init(id: ProjectID, tenantID: TenantID, slug: String, createdAt: Timestamp) {
        self.id = id
        self.tenantID = tenantID
        self.slug = slug
        self.createdAt = createdAt
    }
}

extension Tenant {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        self.init(
            id: ID(fields.string("id", required: true) ?? ""), slug: fields.string("slug", required: true) ?? "",
            createdAt: fields.timestamp("created_at", required: true) ?? Timestamp(milliseconds: 0))
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        ["id": id.json, "slug": .string(slug), "created_at": .string(createdAt.description)]
    }
}

extension Project {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        self.init(
            id: ID(fields.string("id", required: true) ?? ""),
            tenantID: ID(fields.string("tenant_id", required: true) ?? ""),
            slug: fields.string("slug", required: true) ?? "",
            createdAt: fields.timestamp("created_at", required: true) ?? Timestamp(milliseconds: 0))
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "id": id.json, "tenant_id": tenantID.json, "slug": .string(slug),
            "created_at": .string(createdAt.description),
        ]
    }
}

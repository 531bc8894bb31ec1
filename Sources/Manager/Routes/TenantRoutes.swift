import Fleet
import InferenceKeyWire

/// Accounts.
enum TenantRoutes {
    static let all: [Route] = [list, create]

    static let schema = Schema.answer(("id", .string), ("slug", Components.slug), ("created_at", .time))

    private static let list = Route(
        .get, "/api/admin/tenants", .operatorOnly, "All tenants, by slug.",
        answers: [.json(200, .array(schema), "The tenants.")]
    ) { call, _ in
        .ok(.array(call.fleet.tenants.values.sorted { $0.slug < $1.slug }.map(\.json)))
    }

    private static let create = Route(
        .post, "/api/admin/tenants", .operatorOnly, "Make a tenant.",
        body: .required(.body(required: ["slug"], ("slug", Components.slug))),
        answers: [.json(201, schema, "Made."), .json(200, schema, "It was there.")]
    ) { call, _ in
        var fields = call.fields
        let slug = fields.slug("slug")
        try fields.finish()
        let (tenant, isNew) = try await call.transact { draft in draft.ensureTenant(slug) }
        return isNew ? .created(tenant.json) : .ok(tenant.json)
    }
}

extension FleetDraft {
    /// The tenant of that slug, made if there is none.
    mutating func ensureTenant(_ slug: String) -> (Tenant, isNew: Bool) {
        if let tenant = state.tenants.values.first(where: { $0.slug == slug }) { return (tenant, false) }
        let tenant = Tenant(id: ids.id(), slug: slug, createdAt: now)
        apply(.putTenant(tenant))
        audit("tenant.create", tenant.id.text, ["slug": .string(slug)])
        return (tenant, true)
    }
}

extension JSONFields {
    /// A slug that is required; an empty text beside a problem that ``finish(allowingUnknown:)`` throws.
    mutating func slug(_ key: String) -> String {
        guard let text = string(key, required: true) else { return "" }
        if !Slug.isValid(text) {
            let hint = Slug.make(from: text).map { "; try \"\($0)\"" } ?? ""
            reject(key, "must be 1-63 lower-case letters, digits and single inner dashes\(hint)")
        }
        return text
    }
}

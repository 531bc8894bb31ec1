import Fleet
import InferenceKeyWire

/// Data keys: they call the endpoints they were granted.
enum KeyRoutes {
    static let all: [Route] = [create] + family.routes
    static let maxGrants = 1000

    private static let limits = Schema.answer(
        ("rpm", .nullable(.integer)), ("tpm", .nullable(.integer)), ("concurrency", .nullable(.integer)))

    private static let revealed = CredentialSchema.revealed(
        ("project_id", .string), ("project_slug", Components.slug), ("grants", .array(.string)), ("limits", limits),
        ("key", .string))

    private static let family = CredentialFamily(
        kind: .data, base: "/api/admin/keys", secretKey: "key", noun: "data key",
        listed: CredentialSchema.listed(
            ("project_id", .string), ("project_slug", Components.slug), ("grants", .array(.string)),
            ("limits", limits)),
        revealed: revealed)

    private static let positive = Schema.nullable(.integer(1...KeyLimitFields.max))

    private static let create = Route(
        .post, "/api/admin/projects/:project/keys", .operatorOnly, "Make a data key.",
        body: .required(
            .body(
                required: ["grants"], ("name", .string),
                ("grants", Schema.array(.string).described("`project/workload`, or `project/*` for all.")),
                ("limits", .body(("rpm", positive), ("tpm", positive), ("concurrency", positive))),
                Expiry.members[0], Expiry.members[1])),
        answers: [.json(201, revealed, "The key, shown once.")], failures: [.conflict]
    ) { call, _ in
        let project = try call.fleet.project(named: call.parameter("project"))
        var fields = call.fields
        let name = fields.string("name", maxBytes: 200)
        let grants = fields.grants("grants", in: project)
        let limits = KeyLimitFields.read(&fields)
        let expiry = Expiry.read(&fields, now: call.core.ids.now())
        try fields.finish()
        let credential = call.core.ids.credential(.data)
        let record = try await call.transact { draft in
            let project = try draft.state.project(named: project.id.text)
            let record = CredentialRecord(
                id: credential.id, kind: .data, hash: SecretHash(of: credential), name: name,
                tenantID: project.tenantID, projectID: project.id, grants: grants, limits: limits,
                createdAt: draft.now, expiresAt: expiry)
            try draft.issue(record)
            return record
        }
        await call.core.gatewaysHaveFollowed()
        return .created(call.reveal(credential, as: "key", record))
    }
}

/// The limits of a key as a request gives them.
enum KeyLimitFields {
    static let max = 1_000_000_000

    static func read(_ fields: inout JSONFields) -> KeyLimits {
        guard let object = fields.object("limits") else { return KeyLimits() }
        var inner = JSONFields(object)
        let limits = KeyLimits(
            requestsPerMinute: inner.int("rpm", in: 1...max), tokensPerMinute: inner.int("tpm", in: 1...max),
            concurrency: inner.int("concurrency", in: 1...max))
        do {
            try inner.finish()
        } catch {
            for (key, reason) in error.fields { fields.reject("limits.\(key)", reason) }
        }
        return limits
    }
}

extension JSONFields {
    /// Grants of one project: `slug`, `project/slug`, `*` or `project/*`.
    fileprivate mutating func grants(_ key: String, in project: Project) -> [Grant] {
        guard let texts = strings(key, required: true) else { return [] }
        if texts.isEmpty || texts.count > KeyRoutes.maxGrants {
            reject(key, "must be from 1 to \(KeyRoutes.maxGrants) grants, such as \"\(project.slug)/*\"")
        }
        var grants: [Grant] = []
        for (index, text) in texts.enumerated() {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            let workload = parts.last ?? ""
            if parts.count > 2 || parts.count == 2 && parts[0] != project.slug {
                reject("\(key)[\(index)]", "must be a workload of this project, such as \"\(project.slug)/chat\"")
            } else if workload != "*", !Slug.isValid(workload) {
                reject("\(key)[\(index)]", "must be the slug of a workload, or *")
            } else if !grants.contains(Grant(workload)) {
                grants.append(Grant(workload))
            }
        }
        return grants
    }
}

import Fleet
import InferenceKeyWire

/// Join tokens: each lets one machine join, once.
enum JoinTokenRoutes {
    static let all: [Route] = [create] + family.routes.filter { !$0.path.description.hasSuffix("/rotate") }

    /// A join token lives this long unless told otherwise, seconds.
    static let defaultSeconds = 3600

    private static let revealed = CredentialSchema.revealed(("role", .choice(JoinRole.self)), ("token", .string))

    private static let family = CredentialFamily(
        kind: .join, base: "/api/admin/join-tokens", secretKey: "token", noun: "join token",
        listed: CredentialSchema.listed(("role", .choice(JoinRole.self))), revealed: revealed)

    private static let create = Route(
        .post, "/api/admin/join-tokens", .operatorOnly, "Make a join token, for a worker of a tenant or for a Gateway.",
        body: .optional(
            .body(
                ("role", .choice(JoinRole.self)), ("tenant", .string), ("name", .string), Expiry.members[0],
                Expiry.members[1])), answers: [.json(201, revealed, "The token, shown once.")], failures: [.notFound]
    ) { call, _ in
        var fields = call.fields
        let role = fields.choice("role", JoinRole.self) ?? .worker
        let tenantName = fields.string("tenant")
        let name = fields.string("name", maxBytes: 200)
        let now = call.core.ids.now()
        let expiry = Expiry.read(&fields, now: now) ?? now.adding(seconds: defaultSeconds)
        if role == .gateway, tenantName != nil {
            fields.reject("tenant", "a Gateway serves every tenant; leave it out")
        }
        try fields.finish()
        let credential = call.core.ids.credential(.join)
        let record = try await call.transact { draft in
            let tenant =
                role == .gateway ? nil : try draft.state.tenant(named: tenantName ?? FirstStart.defaultTenant).id
            let record = CredentialRecord(
                id: credential.id, kind: .join, hash: SecretHash(of: credential), name: name, tenantID: tenant,
                createdAt: draft.now, expiresAt: expiry)
            try draft.issue(record)
            return record
        }
        return .created(call.reveal(credential, as: "token", record))
    }
}

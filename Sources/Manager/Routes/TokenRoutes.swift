import Fleet
import InferenceKeyWire

/// Control tokens: they provision in one project.
enum TokenRoutes {
    static let all: [Route] = [create] + family.routes

    private static let revealed = CredentialSchema.revealed(
        ("project_id", .string), ("project_slug", Components.slug), ("scopes", .array(.choice(Scope.self))),
        ("token", .string))

    private static let family = CredentialFamily(
        kind: .control, base: "/api/admin/tokens", secretKey: "token", noun: "control token",
        listed: CredentialSchema.listed(
            ("project_id", .string), ("project_slug", Components.slug), ("scopes", .array(.choice(Scope.self)))),
        revealed: revealed)

    private static let create = Route(
        .post, "/api/admin/projects/:project/tokens", .operatorOnly, "Make a control token.",
        body: .optional(
            .body(
                ("name", .string), ("scopes", .array(.choice(Scope.self))), Expiry.members[0], Expiry.members[1])),
        answers: [.json(201, revealed, "The token, shown once.")], failures: [.conflict]
    ) { call, _ in
        var fields = call.fields
        let name = fields.string("name", maxBytes: 200)
        let scopes = fields.scopes("scopes")
        let expiry = Expiry.read(&fields, now: call.core.ids.now())
        try fields.finish()
        let credential = call.core.ids.credential(.control)
        let projectName = call.parameter("project")
        let record = try await call.transact { draft in
            let project = try draft.state.project(named: projectName)
            let record = CredentialRecord(
                id: credential.id, kind: .control, hash: SecretHash(of: credential), name: name,
                tenantID: project.tenantID, projectID: project.id, scopes: scopes ?? Scope.ofNewTokens,
                createdAt: draft.now, expiresAt: expiry)
            try draft.issue(record)
            return record
        }
        return .created(call.reveal(credential, as: "token", record))
    }
}

extension FleetDraft {
    /// Stores a new credential and writes it into the audit log.
    mutating func issue(_ record: CredentialRecord) throws(ServiceError) {
        guard state.credentials[record.id] == nil else {
            throw ServiceError(.conflict, "the id \(record.id) is taken; try again", retryAfterMilliseconds: 1)
        }
        apply(.putCredential(record))
        audit("credential.create", record.id, ["kind": .string(record.kind.rawValue), "name": .optional(record.name)])
    }
}

extension JSONFields {
    fileprivate mutating func scopes(_ key: String) -> [Scope]? {
        guard let texts = strings(key) else { return nil }
        let scopes = texts.compactMap(Scope.init(rawValue:))
        if scopes.count != texts.count || scopes.isEmpty {
            reject(key, "must be some of \(Scope.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return scopes
    }
}

package import InferenceKeyWire

/// What a control token may do in its project.
package enum Scope: String, Sendable, Hashable, CaseIterable {
    case workloadWrite = "workload:write"
    case assignmentWrite = "assignment:write"
    case workloadRead = "workload:read"

    package static let ofNewTokens: [Scope] = [.workloadWrite, .assignmentWrite]
}

/// Which workloads of its project a data key may call.
package enum Grant: Sendable, Hashable {
    case allWorkloads
    case workload(slug: String)

    /// `*` or a slug.
    package init(_ text: String) { self = text == "*" ? .allWorkloads : .workload(slug: text) }

    package var text: String {
        switch self {
        case .allWorkloads: "*"
        case .workload(let slug): slug
        }
    }
}

/// Limits of one data key; nil is no limit.
package struct KeyLimits: Sendable, Hashable {
    package var requestsPerMinute: Int?
    package var tokensPerMinute: Int?
    package var concurrency: Int?

    package init(requestsPerMinute: Int? = nil, tokensPerMinute: Int? = nil, concurrency: Int? = nil) {
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.concurrency = concurrency
    }

    package init(json: JSONValue) {
        self.init(
            requestsPerMinute: json["rpm"]?.intValue, tokensPerMinute: json["tpm"]?.intValue,
            concurrency: json["concurrency"]?.intValue)
    }

    package var json: JSONValue {
        [
            "rpm": .optional(requestsPerMinute), "tpm": .optional(tokensPerMinute),
            "concurrency": .optional(concurrency),
        ]
    }
}

/// A credential as it is stored: never the secret, only its hash.
package struct CredentialRecord: Sendable, Hashable {
    /// The eight hex digits of the credential.
    package var id: String
    package var kind: CredentialKind
    package var hash: SecretHash
    package var name: String?
    package var tenantID: TenantID?
    package var projectID: ProjectID?
    /// The worker (or, for a join token, nothing) it speaks for.
    package var workerID: WorkerID?
    package var scopes: [Scope]
    package var grants: [Grant]
    package var limits: KeyLimits
    package var createdAt: Timestamp
    package var expiresAt: Timestamp?
    package var revokedAt: Timestamp?

    package init(
        id: String, kind: CredentialKind, hash: SecretHash, name: String? = nil, tenantID: TenantID? = nil,
        projectID: ProjectID? = nil, workerID: WorkerID? = nil, scopes: [Scope] = [], grants: [Grant] = [],
        limits: KeyLimits = KeyLimits(), createdAt: Timestamp, expiresAt: Timestamp? = nil,
        revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.kind = kind
        self.hash = hash
        self.name = name
        self.tenantID = tenantID
        self.projectID = projectID
        self.workerID = workerID
        self.scopes = scopes
        self.grants = grants
        self.limits = limits
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }

    /// Whether it opens anything at `now`.
    package func isValid(at now: Timestamp) -> Bool {
        revokedAt == nil && expiresAt.map { now < $0 } ?? true
    }
}

extension CredentialRecord {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        guard let kind = fields.choice("kind", CredentialKind.self, required: true),
            let hash = fields.string("hash", required: true).flatMap(SecretHash.init(hex:))
        else { throw FieldErrors("hash", "must be 64 hex digits, beside a known kind") }
        self.init(
            id: fields.string("id", required: true) ?? "", kind: kind, hash: hash, name: fields.string("name"),
            tenantID: fields.string("tenant_id").map(ID.init), projectID: fields.string("project_id").map(ID.init),
            workerID: fields.string("worker_id").map(ID.init),
            scopes: (fields.strings("scopes") ?? []).compactMap(Scope.init(rawValue:)),
            grants: (fields.strings("grants") ?? []).map(Grant.init), limits: KeyLimits(json: json["limits"] ?? .null),
            createdAt: fields.timestamp("created_at", required: true) ?? Timestamp(milliseconds: 0),
            expiresAt: fields.timestamp("expires_at"), revokedAt: fields.timestamp("revoked_at"))
        try fields.finish(allowingUnknown: true)
    }

    /// The stored form, with the hash: never an answer.
    package var json: JSONValue {
        [
            "id": .string(id), "kind": .string(kind.rawValue), "hash": .string(hash.hex), "name": .optional(name),
            "tenant_id": .optional(tenantID?.text), "project_id": .optional(projectID?.text),
            "worker_id": .optional(workerID?.text), "scopes": .array(scopes.map { .string($0.rawValue) }),
            "grants": .array(grants.map { .string($0.text) }), "limits": limits.json,
            "created_at": .string(createdAt.description), "expires_at": .optional(expiresAt?.description),
            "revoked_at": .optional(revokedAt?.description),
        ]
    }
}

import Fleet
import InferenceKeyWire

extension Call {
    /// A credential as the API lists it: everything but the secret and its hash.
    func view(_ record: CredentialRecord, _ fleet: FleetState) -> JSONValue {
        var object: JSONObject = [
            "id": .string(record.id), "kind": .string(record.kind.rawValue), "name": .optional(record.name),
            "tenant_id": .optional(record.tenantID?.text),
        ]
        let project = record.projectID.flatMap { fleet.projects[$0] }
        if record.projectID != nil {
            object["project_id"] = .optional(record.projectID?.text)
            object["project_slug"] = .optional(project?.slug)
        }
        switch record.kind {
        case .control: object["scopes"] = .array(record.scopes.map { .string($0.rawValue) })
        case .data:
            object["grants"] = .array(record.grants.map { .string("\(project?.slug ?? "")/\($0.text)") })
            object["limits"] = record.limits.json
        case .join: object["role"] = .string(record.joinRole.rawValue)
        default: break
        }
        let use = core.lastUse[record.id]
        object["created_at"] = .string(record.createdAt.description)
        object["expires_at"] = .optional(record.expiresAt?.description)
        object["revoked_at"] = .optional(record.revokedAt?.description)
        object["status"] = .string(record.status(at: core.ids.now()))
        object["last_used_at"] = .optional(use?.at.description)
        object["last_used_plane"] = .optional(use?.plane.rawValue)
        return .object(object)
    }

    /// The one answer that shows a secret.
    func reveal(_ credential: Credential, as key: String, _ record: CredentialRecord) -> JSONValue {
        var object = view(record, core.ledger.current).objectValue ?? [:]
        object[key] = .string(credential.revealed)
        return .object(object)
    }
}

extension CredentialRecord {
    func status(at now: Timestamp) -> String {
        if revokedAt != nil { return "revoked" }
        return isValid(at: now) ? "active" : "expired"
    }
}

/// The forms of listed and of new credentials.
enum CredentialSchema {
    static let common: [(String, Schema)] = [
        ("id", .string), ("kind", .string), ("name", .nullable(.string)), ("created_at", .time),
        ("expires_at", .nullable(.time)), ("revoked_at", .nullable(.time)),
        ("status", .words("active", "expired", "revoked")), ("last_used_at", .nullable(.time)),
        ("last_used_plane", .nullable(.string)),
    ]

    static func listed(_ extra: (String, Schema)...) -> Schema { object(common + extra) }

    static func revealed(_ extra: (String, Schema)...) -> Schema { object(common + extra) }

    static let rotation = Schema.body(("overlap_seconds", .integer(0...Rotation.maxOverlapSeconds)))

    private static func object(_ members: [(String, Schema)]) -> Schema {
        Schema(json: [
            "type": "object", "properties": .object(JSONObject(members.map { ($0.0, $0.1.json) })),
            "required": .array(members.map { .string($0.0) }),
        ])
    }
}

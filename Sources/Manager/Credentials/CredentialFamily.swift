import Fleet
import InferenceKeyWire

/// The routes that every listed kind of credential has: one, rotate, revoke.
struct CredentialFamily: Sendable {
    let kind: CredentialKind
    /// Where they stand, such as `/api/admin/tokens`.
    let base: String
    /// The member that shows the secret, once.
    let secretKey: String
    /// In words, such as `control token`.
    let noun: String
    let listed: Schema
    let revealed: Schema

    var routes: [Route] { [list, get, rotate, revoke] }

    private var list: Route {
        Route(
            .get, RoutePath(stringLiteral: base), .operatorOnly, "Every \(noun), oldest first, never a secret.",
            query: [QueryParameter("project", .string, "Only of this project, by slug or id.")],
            answers: [.json(200, .array(listed), "The list.")], failures: [.notFound, .conflict]
        ) { [kind] call, _ in
            let project = try call.query["project"].map { try call.fleet.project(named: $0).id }
            let records = call.fleet.credentials.values.filter {
                $0.kind == kind && (project == nil || $0.projectID == project)
            }
            let sorted = records.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
            return .ok(.array(sorted.map { call.view($0, call.fleet) }))
        }
    }

    private var get: Route {
        Route(
            .get, RoutePath(stringLiteral: "\(base)/:id"), .operatorOnly, "One \(noun).",
            answers: [.json(200, listed, "It.")]
        ) { [kind] call, _ in
            let id = call.parameter("id")
            guard let record = call.fleet.credentials[id], record.kind == kind else {
                throw ServiceError(.notFound, "there is no credential \(kind.prefix)\(id)…")
            }
            return .ok(call.view(record, call.fleet))
        }
    }

    private var rotate: Route {
        Route(
            .post, RoutePath(stringLiteral: "\(base)/:id/rotate"), .operatorOnly,
            "Replace a \(noun); both are valid for the overlap.", body: .optional(CredentialSchema.rotation),
            answers: [.json(201, revealed, "The new one with its secret, shown once.")], failures: [.conflict]
        ) { [kind, secretKey] call, _ in
            let id = call.parameter("id")
            var fields = call.fields
            let overlap = fields.int("overlap_seconds", in: 0...Rotation.maxOverlapSeconds) ?? 0
            try fields.finish()
            let credential = call.core.ids.credential(kind)
            let (new, old) = try await call.transact { draft in
                try Rotation.rotate(id, kind, to: credential, overlapSeconds: overlap, in: &draft)
            }
            if kind == .data { await call.core.gatewaysHaveFollowed() }
            var object = call.reveal(credential, as: secretKey, new).objectValue ?? [:]
            object["replaces"] = .string(old.id)
            object["old_expires_at"] = .optional((old.revokedAt ?? old.expiresAt)?.description)
            return .created(.object(object))
        }
    }

    private var revoke: Route {
        Route(
            .delete, RoutePath(stringLiteral: "\(base)/:id"), .operatorOnly, "Revoke a \(noun); in force at once.",
            answers: [.noContent]
        ) { [kind] call, _ in
            let id = call.parameter("id")
            try await call.transact { draft in try Rotation.revoke(id, kind, in: &draft) }
            if kind == .data { await call.core.gatewaysHaveFollowed() }
            return .noContent
        }
    }
}

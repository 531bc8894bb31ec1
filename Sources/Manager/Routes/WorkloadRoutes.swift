import Fleet
import InferenceKeyWire
import Planning

/// One workload: read, change, delete, and what there is to know about it.
enum WorkloadRoutes {
    static let all: [Route] = [get, patch, delete, status, explain, revisions]

    private static let get = Route(
        .get, "/api/workloads/:id", .workload(.read), "One workload, by id or by its slug in the token's project.",
        answers: [.json(200, .ref("Workload"), "The workload; its revision is the ETag.")]
    ) { call, workload in
        Reply.ok(call.core.view(workload, call.fleet)).with("etag", "\"\(workload.revision)\"")
    }

    private static let patch = Route(
        .patch, "/api/workloads/:id", .workload(.write), "Change the given fields.",
        body: .required(.ref("WorkloadPatch")), answers: [.json(200, .ref("Workload"), "As it is now.")],
        failures: [.conflict, .revisionMismatch]
    ) { call, workload in
        let fields = try WorkloadFields(patching: call.body ?? .null)
        try call.caller.requireAssignment(fields)
        let ifMatch = try call.ifMatch()
        let record = try await call.transact { draft in
            try Declaration.patch(workload.id, fields, ifMatch: ifMatch, in: &draft)
        }
        let view = call.core.view(record, call.core.ledger.current)
        return Reply.ok(view).with("etag", "\"\(record.revision)\"")
    }

    private static let delete = Route(
        .delete, "/api/workloads/:id", .workload(.write), "Delete it: its replicas are drained and stopped.",
        answers: [.noContent]
    ) { call, workload in
        try await call.transact { draft in Declaration.delete(workload.id, in: &draft) }
        return .noContent
    }

    private static let status = Route(
        .get, "/api/workloads/:id/status", .workload(.read), "Desired and observed replicas, each with its reason.",
        answers: [.json(200, .ref("WorkloadStatus"), "How it stands.")]
    ) { call, workload in .ok(call.core.status(of: workload, call.fleet)) }

    private static let explain = Route(
        .get, "/api/workloads/:id/explain", .workload(.read),
        "Why it runs where it runs, or why not: every worker and device with the check that refused it.",
        answers: [.json(200, .map, "The explanation.")]
    ) { call, workload in
        .ok(call.core.planner.explain(workload, call.fleet, call.core.sight(of: call.fleet)).json)
    }

    private static let revisions = Route(
        .get, "/api/workloads/:id/revisions", .workload(.read), "Its history, oldest first.",
        answers: [.json(200, .array(.ref("Revision")), "Who changed which fields, when.")]
    ) { call, workload in
        .ok(.array(try await call.core.store.revisions(of: workload.id).map(\.json)))
    }
}

extension Call {
    /// The revision that `If-Match` asks for; nil without the header or for `*`.
    fileprivate func ifMatch() throws(ServiceError) -> Int? {
        guard let text = header("if-match"), text != "*" else { return nil }
        let bare = text.hasPrefix("\"") && text.hasSuffix("\"") ? text.dropFirst().dropLast() : text[...]
        guard let revision = Int(bare), revision > 0 else {
            throw ServiceError(
                .invalidRequest, "If-Match must be a revision in double quotes, such as \"3\"",
                fields: ["if-match": "must be a revision in double quotes"])
        }
        return revision
    }
}

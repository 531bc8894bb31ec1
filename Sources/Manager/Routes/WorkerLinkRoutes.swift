import Fleet
import InferenceKeyWire

/// What a worker's agent calls.
enum WorkerLinkRoutes {
    static let all: [Route] = [join, assignment, observation, logs]

    private static let join = Route(
        .post, "/api/worker/join", .join(.worker), "Join as a worker; the token is used up.",
        body: .optional(.body(("name", .string), ("inventory", .map))),
        answers: [
            .json(
                201, .answer(("worker_id", .string), ("name", .string), ("credential", .string)),
                "The worker's own credential, shown once.")
        ]
    ) { call, token in
        var fields = call.fields
        let inventory = try fields.object("inventory").map { try Inventory(json: .object($0)) }
        let name = fields.string("name", maxBytes: 200) ?? inventory?.hostname ?? "worker"
        try fields.finish()
        let credential = call.core.ids.credential(.worker)
        let worker = try await call.transact { draft in
            try draft.useUp(token)
            guard let tenant = token.tenantID else { throw ServiceError(.notFound, "the tenant is gone") }
            let worker = WorkerRecord(id: draft.ids.id(), tenantID: tenant, name: name, createdAt: draft.now)
            draft.apply(.putWorker(worker))
            draft.audit("worker.join", worker.id.text, ["name": .string(name)])
            try draft.issue(
                CredentialRecord(
                    id: credential.id, kind: .worker, hash: SecretHash(of: credential), name: name, tenantID: tenant,
                    workerID: worker.id, createdAt: draft.now))
            return worker
        }
        return .created([
            "worker_id": worker.id.json, "name": .string(name), "credential": .string(credential.revealed),
        ])
    }

    private static let assignment = Route(
        .get, "/api/worker/assignment", .worker, "The worker's complete assignment, now and after every change.",
        answers: [.events(.map, "Server-sent events.")]
    ) { call, worker in
        let core = call.core
        let subscription = core.hub.subscribe(to: .assignments, by: call.caller)
        return .events { AssignmentSource(worker: worker.id, link: core.workerLink, subscription: subscription) }
    }

    private static let observation = Route(
        .post, "/api/worker/observation", .worker, "Everything the worker sees of itself.", body: .required(.map),
        maxBodyBytes: Visit.maxReportBytes,
        answers: [.json(200, .answer(("generation", .integer)), "The generation of its current assignment.")]
    ) { call, worker in
        let observation = try WorkerObservation(json: call.body ?? .null)
        if call.core.sightBook.record(observation, from: worker.id) {
            call.core.reconcileWaker.wake(.tick)
        }
        return .ok(["generation": .int(call.core.workerLink.assignment(of: worker.id)?.generation ?? 0)])
    }

    private static let logs = Route(
        .post, "/api/worker/logs/:request_id", .worker, "Log lines that were asked for.",
        body: .required(.body(required: ["lines"], ("lines", .array(.map)), ("done", .boolean))),
        answers: [.json(200, .answer(("wanted", .boolean)), "Whether more are wanted.")]
    ) { call, worker in
        var fields = call.fields
        let lines = try (fields.array("lines", required: true) ?? []).map { try LogLine(json: $0) }
        let isDone = fields.bool("done") ?? false
        try fields.finish()
        let id = call.parameter("request_id")
        guard let isWanted = call.core.logRelay.deliver(lines, isDone: isDone, to: id, from: worker.id) else {
            throw ServiceError(.notFound, "nobody waits for the log lines \(id)")
        }
        return .ok(["wanted": .bool(isWanted)])
    }
}

extension FleetDraft {
    /// Ends a join token; throws when somebody else was faster.
    mutating func useUp(_ token: CredentialRecord) throws(ServiceError) {
        guard var record = state.credentials[token.id], record.isValid(at: now) else {
            throw ServiceError(.invalidCredentials, "the join token was used already; make another one")
        }
        record.revokedAt = now
        apply(.putCredential(record))
    }
}

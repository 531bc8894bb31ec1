import Fleet
import InferenceKeyWire
import Planning

/// The machines, as an operator sees and steers them.
enum WorkerRoutes {
    static let all: [Route] = [list, get, cordon, drain, remove]

    private static let schema = Schema.answer(
        ("id", .string), ("tenant_id", .string), ("name", .string), ("kind", .choice(WorkerRecord.Kind.self)),
        ("created_at", .time), ("cordoned", .boolean), ("cordoned_devices", .array(.string)), ("draining", .boolean),
        ("status", .words("live", "lost", "unknown")), ("last_heard_at", .nullable(.time)),
        ("devices", .array(.map)), ("engines", .array(.map)), ("replicas", .array(.map)))

    private static let list = Route(
        .get, "/api/admin/workers", .operatorOnly, "All workers, by name.",
        answers: [.json(200, .array(schema), "The workers.")]
    ) { call, _ in
        let sight = call.core.sight(of: call.fleet)
        let workers = call.fleet.workers.values.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
        return .ok(.array(workers.map { call.core.view($0, call.fleet, sight) }))
    }

    private static let get = Route(
        .get, "/api/admin/workers/:id", .operatorOnly, "One worker, by id or name.",
        answers: [.json(200, schema, "The worker.")], failures: [.conflict]
    ) { call, _ in
        let worker = try call.fleet.worker(named: call.parameter("id"))
        return .ok(call.core.view(worker, call.fleet, call.core.sight(of: call.fleet)))
    }

    private static let cordon = Route(
        .post, "/api/admin/workers/:id/cordon", .operatorOnly,
        "Place nothing new on a worker, or on one of its devices; or lift that.",
        body: .optional(.body(("device", .string), ("cordoned", .boolean))),
        answers: [.json(200, schema, "The worker.")], failures: [.notFound, .conflict]
    ) { call, _ in
        var fields = call.fields
        let device = fields.string("device", maxBytes: 200)
        let isCordoned = fields.bool("cordoned") ?? true
        try fields.finish()
        if let device, isCordoned {
            try call.core.requireDevice(device, of: try call.fleet.worker(named: call.parameter("id")))
        }
        return try await call.change("worker.cordon", ["device": .optional(device), "cordoned": .bool(isCordoned)]) {
            guard let device else {
                $0.isCordoned = isCordoned
                return
            }
            if isCordoned { $0.cordonedDevices.insert(device) } else { $0.cordonedDevices.remove(device) }
        }
    }

    private static let drain = Route(
        .post, "/api/admin/workers/:id/drain", .operatorOnly, "Move everything off a worker; or stop doing so.",
        body: .optional(.body(("draining", .boolean))), answers: [.json(200, schema, "The worker.")],
        failures: [.conflict]
    ) { call, _ in
        var fields = call.fields
        let isDraining = fields.bool("draining") ?? true
        try fields.finish()
        return try await call.change("worker.drain", ["draining": .bool(isDraining)]) { $0.isDraining = isDraining }
    }

    private static let remove = Route(
        .delete, "/api/admin/workers/:id", .operatorOnly,
        "Forget a worker; its credential ends. Drain it first, or say force.",
        query: [QueryParameter("force", .boolean, "Also while it is live and runs replicas.")], answers: [.noContent],
        failures: [.conflict]
    ) { call, _ in
        let worker = try call.fleet.worker(named: call.parameter("id"))
        let isForced = try call.query.flag("force")
        let isLive = call.core.sight(of: call.fleet).workers[worker.id]?.isLive == true
        try await call.transact { draft in
            let replicas = draft.state.replicas(on: worker.id)
            guard isForced || !isLive || replicas.isEmpty else {
                throw ServiceError(
                    .conflict,
                    "worker \(worker.name) runs \(replicas.count) replicas; drain it first: ik worker drain \(worker.name)"
                )
            }
            for replica in replicas { draft.apply(.removeReplica(replica.id)) }
            for credential in draft.state.credentials.values where credential.workerID == worker.id {
                draft.apply(.removeCredential(id: credential.id))
            }
            draft.apply(.removeWorker(worker.id))
            draft.audit("worker.remove", worker.id.text, ["name": .string(worker.name)])
        }
        call.core.sightBook.forget(worker.id)
        return .noContent
    }
}

extension Core {
    /// Throws when the worker is known to have no such device. Of one that was not heard of anything may be so.
    fileprivate func requireDevice(_ device: String, of worker: WorkerRecord) throws(ServiceError) {
        let known = sightBook.devices(of: worker.id)
        guard let known, !known.contains(device) else { return }
        let hint = Suggestion.nearest(to: device, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
        throw ServiceError(
            .notFound,
            "worker \(worker.name) has no device \"\(device)\"; it has \(known.joined(separator: ", "))\(hint)")
    }
}

extension Call {
    /// Changes the worker in the path and shows it.
    fileprivate func change(
        _ action: String, _ detail: JSONValue, _ edit: @escaping @Sendable (inout WorkerRecord) -> Void
    ) async throws -> Reply {
        let name = parameter("id")
        let id = try await transact { draft in
            let old = try draft.state.worker(named: name)
            var worker = old
            edit(&worker)
            if worker != old {
                draft.apply(.putWorker(worker))
                draft.audit(action, worker.id.text, detail)
            }
            return worker.id
        }
        let fleet = core.ledger.current
        guard let worker = fleet.workers[id] else { throw ServiceError(.notFound, "worker \(name) was removed") }
        return .ok(core.view(worker, fleet, core.sight(of: fleet)))
    }
}

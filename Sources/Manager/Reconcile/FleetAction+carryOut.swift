import Fleet
import InferenceKeyWire
import Planning

extension PlannedAction {
    /// Writes the action into the draft. One that is done already, or that the fleet has overtaken, changes nothing.
    func carryOut(_ draft: inout FleetDraft) {
        switch action {
        case .place(let id, let revision, let worker, let devices, let share):
            guard let workload = draft.state.workloads[id], workload.revision == revision,
                workload.deletingSince == nil, draft.state.workers[worker] != nil
            else { return }
            let replica = ReplicaRecord(
                id: draft.ids.id(), workloadID: id, revision: revision, workerID: worker, deviceIDs: devices,
                deviceShare: share, createdAt: draft.now, engine: EngineSpec(of: workload))
            draft.apply(.putReplica(replica))
            draft.audit("replica.place", replica.id.text, detail(of: replica))
        case .drain(let id):
            guard var replica = draft.state.replicas[id], replica.intent == .run else { return }
            replica.intent = .drain
            replica.drainingSince = draft.ids.steadyNow()
            draft.apply(.putReplica(replica))
            draft.audit("replica.drain", id.text, detail(of: replica))
        case .stop(let id):
            guard var replica = draft.state.replicas[id], replica.intent != .stop else { return }
            replica.intent = .stop
            draft.apply(.putReplica(replica))
            draft.audit("replica.stop", id.text, detail(of: replica))
        case .remove(let id):
            guard let replica = draft.state.replicas[id] else { return }
            draft.apply(.removeReplica(id))
            draft.audit("replica.remove", id.text, detail(of: replica))
        case .removeWorkload(let id):
            guard draft.state.workloads[id] != nil, draft.state.replicas(of: id).isEmpty else { return }
            draft.apply(.removeWorkload(id))
            draft.audit("workload.remove", id.text, ["reason": .string(reason)])
        }
    }

    private func detail(of replica: ReplicaRecord) -> JSONValue {
        [
            "workload_id": replica.workloadID.json, "revision": .int(replica.revision),
            "worker_id": replica.workerID.json, "reason": .string(reason),
        ]
    }
}

extension FleetAction {
    /// The action in one word, for logs.
    var name: String {
        switch self {
        case .place: "place"
        case .drain: "drain"
        case .stop: "stop"
        case .remove: "remove"
        case .removeWorkload: "remove workload"
        }
    }

    /// What it is done to.
    var subject: String {
        switch self {
        case .place(let id, _, _, _, _), .removeWorkload(let id): id.text
        case .drain(let id), .stop(let id), .remove(let id): id.text
        }
    }
}

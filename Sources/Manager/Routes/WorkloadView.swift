import Fleet
import InferenceKeyWire
import Planning

extension Core {
    /// A workload as the API answers it.
    func view(_ record: WorkloadRecord, _ fleet: FleetState) -> JSONValue {
        let verdict = verdict(on: record, fleet)
        return Workload(
            id: record.id.text, name: record.name, description: record.description, slug: record.slug,
            projectID: record.projectID.text, projectSlug: fleet.projects[record.projectID]?.slug ?? "",
            taskType: record.taskType, backend: record.backend, modelName: record.modelName, config: record.config,
            workerID: record.workerID?.text, gpuResourceID: record.gpuResourceID,
            executionPolicy: record.executionPolicy, executionPolicyConfig: record.executionPolicyConfig,
            revision: record.revision, status: verdict.status, statusReason: verdict.reason,
            replacement: verdict.replacement, createdAt: record.createdAt, updatedAt: record.updatedAt
        ).json
    }

    /// Desired and observed replicas of a workload, each with the one reason for its state.
    func status(of record: WorkloadRecord, _ fleet: FleetState) -> JSONValue {
        let verdict = verdict(on: record, fleet)
        let sight = sight(of: fleet)
        return [
            "workload_id": record.id.json, "slug": .string(record.slug), "desired": .int(verdict.desired),
            "ready": .int(verdict.ready), "status": .string(verdict.status.rawValue),
            "status_reason": .optional(verdict.reason), "cause": .optional(verdict.cause?.rawValue),
            "revision": .int(record.revision), "phase": .string(verdict.phase.rawValue),
            "message": .string(verdict.message), "progress": verdict.progress?.json ?? .null,
            "replicas": .array(fleet.replicas(of: record.id).map { status(of: $0, fleet, sight) }),
        ]
    }

    private func status(of replica: ReplicaRecord, _ fleet: FleetState, _ sight: FleetSight) -> JSONValue {
        let seen = sight.replicas[replica.id]
        let state = sight.state(of: replica)
        let worker = fleet.workers[replica.workerID]
        let reason = state == .lost ? "worker \(worker?.name ?? replica.workerID.text) is not heard of" : seen?.reason
        return [
            "id": replica.id.json, "revision": .int(replica.revision), "state": .string(state.rawValue),
            "intent": .string(replica.intent.rawValue), "worker_id": replica.workerID.json,
            "worker_name": .optional(worker?.name), "device_ids": .array(replica.deviceIDs.map { .string($0) }),
            "port": .optional(seen?.port), "reason": .optional(reason),
            "cause": .optional(state == .lost ? FailureCause.workerLost.rawValue : seen?.cause?.rawValue),
            "progress": seen?.progress?.json ?? .null, "restarts": .int(seen?.restarts ?? 0),
            "since": .string((seen?.since ?? replica.createdAt).description),
            "log_tail": .array((seen?.logTail ?? []).map { .string(Redaction.scrub($0)) }),
        ]
    }
}

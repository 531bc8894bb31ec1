package import Fleet
package import InferenceKeyWire

/// Why a workload runs where it runs, or why it does not.
package struct Explanation: Sendable, Hashable {
    package var workload: WorkloadID
    package var summary: String
    package var json: JSONValue
}

extension Planner {
    /// Every worker and device with the check that refused it, and where the replicas are.
    package func explain(_ workload: WorkloadRecord, _ state: FleetState, _ sight: FleetSight) -> Explanation {
        let verdict = verdict(of: workload, state, sight)
        let need = DeviceRequirement(of: workload)
        let outcomes = Placement(state: state, sight: sight).outcomes(for: workload, claims: DeviceClaims(state))
        let summary = verdict.reason ?? verdict.message
        let json: JSONValue = [
            "workload_id": workload.id.json, "status": .string(verdict.status.rawValue), "summary": .string(summary),
            "cause": .optional(verdict.cause?.rawValue), "desired": .int(verdict.desired), "ready": .int(verdict.ready),
            "needs": [
                "gpus": .int(need.count), "gpu_memory_share": .double(need.share), "cpu": .bool(need.wantsCPU),
                "cpu_memory_bytes": .optional(need.cpuMemoryBytes),
            ],
            "routing": workload.routing.json, "limits": workload.limits.json,
            "replicas": .array(state.replicas(of: workload.id).map { place($0, sight) }),
            "workers": .array(outcomes.map { self.json($0.worker, $0.outcome, sight) }),
        ]
        return Explanation(workload: workload.id, summary: summary, json: json)
    }

    private func place(_ replica: ReplicaRecord, _ sight: FleetSight) -> JSONValue {
        [
            "id": replica.id.json, "revision": .int(replica.revision), "worker_id": replica.workerID.json,
            "device_ids": .array(replica.deviceIDs.map { .string($0) }), "intent": .string(replica.intent.rawValue),
            "state": .string(sight.state(of: replica).rawValue),
            "reason": .optional(sight.replicas[replica.id]?.reason),
        ]
    }

    private func json(_ worker: WorkerRecord, _ outcome: Placement.Outcome, _ sight: FleetSight) -> JSONValue {
        var refused: [String: String] = [:]
        var reason: String?
        var cause: FailureCause?
        if case .refused(let refusal) = outcome {
            refused = refusal.devices
            reason = refusal.reason
            cause = refusal.cause
        }
        let devices = (sight.workers[worker.id]?.inventory.devices ?? []).map { device -> JSONValue in
            var object = device.json.objectValue ?? [:]
            object["refused"] = .optional(refused[device.id])
            return .object(object)
        }
        return [
            "worker_id": worker.id.json, "name": .string(worker.name), "fits": .bool(reason == nil),
            "cause": .optional(cause?.rawValue), "refused": .optional(reason), "devices": .array(devices),
        ]
    }
}

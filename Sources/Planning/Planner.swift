package import Fleet
package import InferenceKeyWire

/// Decides what to do so that the fleet becomes what was declared.
///
/// Pure and deterministic: the same state, sight and time give the same plan, and every action carries its reason.
/// Carrying the actions out and planning again converges; a plan that finds nothing to do is the fixed point.
package struct Planner: Sendable {
    /// How long requests in flight may hold up a stop, seconds.
    package let drainSeconds: Int
    /// A replica whose worker is lost for this long is replaced where there is room, seconds.
    package let replaceLostAfterSeconds: Int

    package init(drainSeconds: Int = 60, replaceLostAfterSeconds: Int = 120) {
        self.drainSeconds = drainSeconds
        self.replaceLostAfterSeconds = replaceLostAfterSeconds
    }

    package func plan(_ state: FleetState, _ sight: FleetSight, now: Timestamp) -> FleetPlan {
        var claims = DeviceClaims(state)
        var actions: [PlannedAction] = []
        var verdicts: [WorkloadID: WorkloadVerdict] = [:]
        for id in state.workloads.keys.sorted() {
            guard let workload = state.workloads[id] else { continue }
            var rollout = Rollout(self, workload, state, sight, now)
            rollout.decide(&claims)
            actions += rollout.actions
            verdicts[workload.id] = verdict(of: workload, state, sight, claims)
        }
        let orphans = state.replicas.values.filter { state.workloads[$0.workloadID] == nil }.map(\.id).sorted()
        actions += orphans.map { PlannedAction(.remove($0), "its workload is gone") }
        return FleetPlan(actions: actions, verdicts: verdicts)
    }
}

extension Planner {
    /// Whether a replica is what its workload asks for now: of the current engine, or of an equal one where it may run.
    func isCurrent(_ replica: ReplicaRecord, of workload: WorkloadRecord, _ state: FleetState) -> Bool {
        if replica.revision >= workload.engineRevision { return true }
        guard replica.engine == EngineSpec(of: workload) else { return false }
        if let pin = workload.workerID, state.workers[replica.workerID]?.isCalled(pin) != true { return false }
        guard let device = workload.gpuResourceID else { return true }
        return device == "cpu" ? replica.deviceIDs.isEmpty : replica.deviceIDs.contains(device)
    }
}

extension WorkloadRecord {
    /// How many replicas are wanted.
    package var desiredReplicas: Int {
        deletingSince == nil ? executionPolicyConfig?["replicas"]?.intValue ?? 1 : 0
    }
}

package import Fleet
import InferenceKeyWire

extension Planner {
    /// How a workload stands, with the one reason.
    package func verdict(of workload: WorkloadRecord, _ state: FleetState, _ sight: FleetSight) -> WorkloadVerdict {
        verdict(of: workload, state, sight, DeviceClaims(state))
    }

    func verdict(
        of workload: WorkloadRecord, _ state: FleetState, _ sight: FleetSight, _ claims: DeviceClaims
    ) -> WorkloadVerdict {
        let replicas = state.replicas(of: workload.id)
        let desired = workload.desiredReplicas
        let current = replicas.filter { $0.intent == .run && isCurrent($0, of: workload, state) }
        let readyCurrent = current.filter { sight.state(of: $0) == .ready }.count
        let serving = replicas.filter { $0.intent == .run && sight.state(of: $0) == .ready }.count
        var verdict = WorkloadVerdict(
            status: .pending, desired: desired, ready: serving,
            replacement: replacement(of: workload, state, sight, claims),
            phase: .scheduling, message: "waiting for a place")
        if workload.deletingSince != nil {
            verdict.status = .deleting
            verdict.phase = .error
            verdict.message = "the workload is being deleted"
            return verdict
        }
        if desired == 0 {
            verdict.status = .stopped
            verdict.phase = .ready
            verdict.message = "no replica is wanted"
            verdict.reason = "replicas is 0"
            return verdict
        }
        if readyCurrent >= desired {
            verdict.status = .ready
            verdict.phase = .ready
            verdict.message = desired == 1 ? "ready" : "\(readyCurrent) of \(desired) replicas ready"
            return verdict
        }
        describeShortfall(&verdict, workload, current, state, sight, claims)
        // An ordinary change under way is no degradation; one that is stuck is.
        if serving > 0 { verdict.status = verdict.cause == nil ? .starting : .degraded }
        return verdict
    }

    private func describeShortfall(
        _ verdict: inout WorkloadVerdict, _ workload: WorkloadRecord, _ current: [ReplicaRecord], _ state: FleetState,
        _ sight: FleetSight, _ claims: DeviceClaims
    ) {
        let troubled = current.first { [.failed, .backingOff, .lost].contains(sight.state(of: $0)) }
        let coming = current.filter { [.placed, .preparing, .starting].contains(sight.state(of: $0)) }
        if let troubled {
            describe(troubled, &verdict, sight)
        } else if let first = coming.max(by: { rank($0, sight) < rank($1, sight) }) {
            describeStart(first, &verdict, sight)
        } else if current.count < verdict.desired {
            let refusal = self.refusal(of: workload, state, sight, claims)
            verdict.cause = refusal.cause
            verdict.reason = refusal.reason
            verdict.message = refusal.reason
            verdict.progress = StepProgress(step: .place)
        }
    }

    private func describe(_ replica: ReplicaRecord, _ verdict: inout WorkloadVerdict, _ sight: FleetSight) {
        let seen = sight.replicas[replica.id]
        if sight.state(of: replica) == .lost {
            verdict.status = .degraded
            verdict.cause = .workerLost
            verdict.reason = "worker \(replica.workerID) has not been heard of"
            verdict.phase = .scheduling
        } else {
            verdict.status = .failed
            verdict.cause = seen?.cause
            verdict.reason = seen?.reason ?? "the engine failed"
            verdict.phase = endsWaiting(seen) ? .error : .bootstrapping
        }
        verdict.message = verdict.reason ?? "failed"
        verdict.progress = seen?.progress
    }

    /// One quick exit may be bad luck; a cause that waiting does not mend, or a loop of exits, ends the wait.
    private func endsWaiting(_ seen: ReplicaObservation?) -> Bool {
        guard let seen else { return false }
        if seen.state == .failed { return true }
        switch seen.cause {
        case .crashLoop, .outOfGPUMemory, .modelNotFound, .engineMissing, .badCommand, .storageFull: return true
        default: return seen.restarts >= 2
        }
    }

    private func describeStart(_ replica: ReplicaRecord, _ verdict: inout WorkloadVerdict, _ sight: FleetSight) {
        let seen = sight.replicas[replica.id]
        verdict.status = .starting
        verdict.progress = seen?.progress ?? StepProgress(step: .startEngine)
        switch sight.state(of: replica) {
        case .preparing:
            verdict.phase = verdict.progress?.step == .installEngine ? .provisioning : .bootstrapping
        case .starting: verdict.phase = .bootstrapping
        default: verdict.phase = .provisioning
        }
        verdict.message = seen?.progress?.message ?? "starting the engine"
        verdict.reason = verdict.message
    }

    private func rank(_ replica: ReplicaRecord, _ sight: FleetSight) -> Int {
        switch sight.state(of: replica) {
        case .starting: 2
        case .preparing: 1
        default: 0
        }
    }

    /// Why no worker takes another replica now, in one sentence.
    private func refusal(
        of workload: WorkloadRecord, _ state: FleetState, _ sight: FleetSight, _ claims: DeviceClaims
    ) -> (cause: FailureCause?, reason: String) {
        let outcomes = Placement(state: state, sight: sight).outcomes(for: workload, claims: claims)
        guard !outcomes.isEmpty else {
            return (.noCapacity, "there is no worker; start one with: ik worker --join TOKEN --manager URL")
        }
        if let pin = workload.workerID, !outcomes.contains(where: { $0.worker.isCalled(pin) }) {
            return (.noCapacity, "there is no worker \(pin), to which the workload is pinned")
        }
        let refusals = outcomes.compactMap { outcome -> (WorkerRecord, Placement.Refusal)? in
            if case .refused(let refusal) = outcome.outcome { (outcome.worker, refusal) } else { nil }
        }
        let elsewhere = workload.workerID.map { pin in { (worker: WorkerRecord) in !worker.isCalled(pin) } }
        guard let (worker, refusal) = refusals.first(where: { elsewhere?($0.0) != true }) else {
            return (nil, "a place was found")
        }
        let rest = refusals.count > 1 ? "; \(refusals.count - 1) more workers refused: ik explain \(workload.slug)" : ""
        return (refusal.cause, "worker \(worker.name) \(refusal.reason)\(rest)")
    }

    /// Whether a changed engine could come up beside those that run.
    private func replacement(
        of workload: WorkloadRecord, _ state: FleetState, _ sight: FleetSight, _ claims: DeviceClaims
    ) -> ChangeEffect {
        guard state.replicas(of: workload.id).contains(where: { $0.intent == .run }) else { return .rolling }
        return Placement(state: state, sight: sight).hasRoom(for: workload, claims: claims) ? .rolling : .recreate
    }
}

extension WorkerRecord {
    /// Whether a pin to a worker, by its id or its name, means this one.
    func isCalled(_ pin: WorkerID) -> Bool { id == pin || name == pin.text }
}

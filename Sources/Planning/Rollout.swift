import Fleet
import InferenceKeyWire

/// The steps for one workload: new replicas come up beside the old ones, which are drained as the new ones serve.
///
///     run(old) ── a current one is ready, or room must be made ──▶ drain ── nothing in flight, or deadline ──▶ stop ──▶ gone
struct Rollout {
    private let planner: Planner
    private let workload: WorkloadRecord
    private let state: FleetState
    private let sight: FleetSight
    private let now: Timestamp
    private(set) var actions: [PlannedAction] = []

    init(_ planner: Planner, _ workload: WorkloadRecord, _ state: FleetState, _ sight: FleetSight, _ now: Timestamp) {
        self.planner = planner
        self.workload = workload
        self.state = state
        self.sight = sight
        self.now = now
    }

    mutating func decide(_ claims: inout DeviceClaims) {
        let replicas = state.replicas(of: workload.id)
        finishEnding(replicas)
        if workload.deletingSince != nil, replicas.isEmpty {
            actions.append(PlannedAction(.removeWorkload(workload.id), "it was deleted and nothing of it runs"))
            return
        }
        var running = replicas.filter { $0.intent == .run }
        leaveDrainingWorkers(&running)
        let current = running.filter { planner.isCurrent($0, of: workload, state) }
        let old = running.filter { !planner.isCurrent($0, of: workload, state) }
        let desired = workload.desiredReplicas
        // A replica that is lost for long does not count, but is only given up once another one serves.
        let counted = current.filter { !isGivenUp($0) }
        let readyCurrent = counted.count { sight.state(of: $0) == .ready }
        let unplaced = bringUp(desired - counted.count, beside: running, &claims)
        end(counted.count - desired, of: counted, surplusReason(counted.count))
        end(
            old.count - max(0, desired - readyCurrent), of: old,
            desired == 0 ? "no replica is wanted" : "revision \(workload.revision) serves in its place")
        if readyCurrent >= desired {
            end(current.count - counted.count, of: current.filter(isGivenUp), "another one serves in its place")
        }
        makeRoom(for: unplaced, endingSomeOf: old, claims)
    }

    /// Draining ones stop when nothing is in flight; stopped ones go when their worker has let go of them.
    private mutating func finishEnding(_ replicas: [ReplicaRecord]) {
        for replica in replicas where replica.intent == .stop {
            if sight.gone.contains(replica.id) {
                actions.append(PlannedAction(.remove(replica.id), "its worker has stopped it"))
            } else if state.workers[replica.workerID] == nil {
                actions.append(PlannedAction(.remove(replica.id), "its worker was removed"))
            }
        }
        for replica in replicas where replica.intent == .drain {
            let waited = replica.drainingSince.map { now.milliseconds(since: $0) } ?? 0
            if sight.drained.contains(replica.id) {
                actions.append(PlannedAction(.stop(replica.id), "nothing is in flight any more"))
            } else if waited >= Int64(planner.drainSeconds) * 1000 {
                actions.append(PlannedAction(.stop(replica.id), "it drained for \(planner.drainSeconds) s"))
            } else if !isServing(replica) {
                actions.append(PlannedAction(.stop(replica.id), "it serves nothing"))
            }
        }
    }

    private mutating func leaveDrainingWorkers(_ running: inout [ReplicaRecord]) {
        for replica in running where state.workers[replica.workerID] == nil {
            actions.append(PlannedAction(.stop(replica.id), "its worker was removed"))
        }
        running.removeAll { state.workers[$0.workerID] == nil }
    }

    /// Places as many as there is room for; gives how many there is none for.
    private mutating func bringUp(
        _ missing: Int, beside running: [ReplicaRecord], _ claims: inout DeviceClaims
    ) -> Int {
        let placement = Placement(state: state, sight: sight)
        var taken = Dictionary(running.map { ($0.workerID, 1) }, uniquingKeysWith: +)
        var unplaced = max(0, missing)
        while unplaced > 0, let choice = placement.choose(for: workload, claims: claims, avoiding: taken) {
            claims.add(choice)
            taken[choice.worker, default: 0] += 1
            unplaced -= 1
            let devices = choice.deviceIDs.isEmpty ? "its CPU" : choice.deviceIDs.joined(separator: ", ")
            actions.append(
                PlannedAction(
                    .place(
                        workload.id, revision: workload.revision, choice.worker, deviceIDs: choice.deviceIDs,
                        deviceShare: choice.share),
                    "revision \(workload.revision) wants \(missing) more; \(choice.worker) has room on \(devices)"))
        }
        return unplaced
    }

    /// Where there is no room for both at once, old replicas are ended first: the fewest that make room, and none while
    /// others are ending, of whom nobody knows yet what room they leave.
    private mutating func makeRoom(for unplaced: Int, endingSomeOf old: [ReplicaRecord], _ claims: DeviceClaims) {
        let isEnding = state.replicas(of: workload.id).contains { replica in
            replica.intent != .run && sight.workers[replica.workerID]?.isLive == true
        }
        guard unplaced > 0, !isEnding, !old.contains(where: isEnded) else { return }
        let placement = Placement(state: state, sight: sight)
        func hasRoom(without ended: [ReplicaRecord]) -> Bool {
            var left = claims
            for replica in ended { left.release(replica, workload: workload) }
            return placement.hasRoom(for: workload, claims: left)
        }
        let order = endingOrder(old)
        guard let count = (1...max(1, order.count)).first(where: { hasRoom(without: Array(order.prefix($0))) }) else {
            return
        }
        var ended = Array(order.prefix(count))
        for replica in ended.reversed() {
            let others = ended.filter { $0.id != replica.id }
            if hasRoom(without: others) { ended = others }
        }
        end(ended.count, of: ended, "there is no room for revision \(workload.revision) beside it")
    }

    private func surplusReason(_ count: Int) -> String {
        if workload.deletingSince != nil { return "the workload was deleted" }
        return "\(workload.desiredReplicas) wanted, \(count) there"
    }

    /// Ends so many of `replicas`, in the one order there is: those that serve nothing first, then the newest.
    private mutating func end(_ count: Int, of replicas: [ReplicaRecord], _ reason: String) {
        for replica in endingOrder(replicas).prefix(max(0, count)) where !isEnded(replica) { end(replica, reason) }
    }

    /// Whether this plan ends it.
    private func isEnded(_ replica: ReplicaRecord) -> Bool {
        actions.contains { [.drain(replica.id), .stop(replica.id)].contains($0.action) }
    }

    /// A replica that serves is drained; one that does not is stopped at once.
    private mutating func end(_ replica: ReplicaRecord, _ reason: String) {
        actions.append(PlannedAction(isServing(replica) ? .drain(replica.id) : .stop(replica.id), reason))
    }

    private func endingOrder(_ replicas: [ReplicaRecord]) -> [ReplicaRecord] {
        replicas.sorted {
            let left = isServing($0) ? 1 : 0
            let right = isServing($1) ? 1 : 0
            return left == right ? $0.id > $1.id : left < right
        }
    }

    private func isServing(_ replica: ReplicaRecord) -> Bool {
        switch sight.state(of: replica) {
        case .ready, .draining, .lost: true
        default: false
        }
    }

    /// Its worker is lost for long, or is being drained.
    private func isGivenUp(_ replica: ReplicaRecord) -> Bool {
        if state.workers[replica.workerID]?.isDraining == true { return true }
        guard let worker = sight.workers[replica.workerID], !worker.isLive else { return false }
        return now.milliseconds(since: worker.lastHeard) >= Int64(planner.replaceLostAfterSeconds) * 1000
    }
}

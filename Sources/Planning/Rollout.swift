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
        let current = running.filter { $0.revision >= workload.engineRevision }
        let old = running.filter { $0.revision < workload.engineRevision }
        let desired = workload.desiredReplicas
        // A replica that is lost for long does not count, but is only given up once another one serves.
        let counted = current.filter { !isGivenUp($0) }
        let missing = desired - counted.count
        if missing > 0 {
            bringUp(missing, beside: running, old: old, &claims)
        } else if missing < 0 {
            endSurplus(counted, keep: desired)
        }
        replace(old, readyCurrent: counted.filter { sight.state(of: $0) == .ready }.count, desired: desired)
        retireGivenUp(current, ready: counted.filter { sight.state(of: $0) == .ready }.count, desired: desired)
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

    private mutating func bringUp(
        _ missing: Int, beside running: [ReplicaRecord], old: [ReplicaRecord], _ claims: inout DeviceClaims
    ) {
        let placement = Placement(state: state, sight: sight)
        var taken = Dictionary(running.map { ($0.workerID, 1) }, uniquingKeysWith: +)
        var unplaced = missing
        while unplaced > 0, let choice = placement.choose(for: workload, claims: claims, avoiding: taken) {
            claims.add(
                choice.deviceIDs, share: choice.share, cpuMemoryBytes: choice.cpuMemoryBytes, on: choice.worker)
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
        makeRoom(for: unplaced, endingOneOf: old, claims, placement)
    }

    /// Where there is no room for both at once, one old replica is ended first, if that makes room.
    private mutating func makeRoom(
        for unplaced: Int, endingOneOf old: [ReplicaRecord], _ claims: DeviceClaims, _ placement: Placement
    ) {
        let alreadyEnding = state.replicas(of: workload.id).contains { $0.intent != .run }
        guard unplaced > 0, !alreadyEnding else { return }
        for replica in old {
            var without = claims
            without.release(replica, cpuMemoryBytes: DeviceRequirement.cpuMemoryBytes(of: workload))
            if placement.hasRoom(for: workload, claims: without) {
                end(replica, "there is no room for revision \(workload.revision) beside it")
                return
            }
        }
    }

    /// As many old ones go as new ones serve.
    private mutating func replace(_ old: [ReplicaRecord], readyCurrent: Int, desired: Int) {
        let keep = max(0, desired - readyCurrent)
        let surplus = old.count - keep
        guard surplus > 0 else { return }
        for replica in endingOrder(old).prefix(surplus) {
            end(replica, desired == 0 ? "no replica is wanted" : "revision \(workload.revision) serves in its place")
        }
    }

    private mutating func endSurplus(_ current: [ReplicaRecord], keep: Int) {
        let isDeleted = workload.deletingSince != nil
        for replica in endingOrder(current).prefix(current.count - keep) {
            end(replica, isDeleted ? "the workload was deleted" : "\(keep) wanted, \(current.count) there")
        }
    }

    private mutating func retireGivenUp(_ current: [ReplicaRecord], ready: Int, desired: Int) {
        for replica in current where isGivenUp(replica) && ready >= desired {
            end(replica, "another one serves in its place")
        }
    }

    /// A replica that serves is drained; one that does not is stopped at once.
    private mutating func end(_ replica: ReplicaRecord, _ reason: String) {
        let endings: [FleetAction] = [.drain(replica.id), .stop(replica.id)]
        guard !actions.contains(where: { endings.contains($0.action) }) else { return }
        actions.append(PlannedAction(isServing(replica) ? endings[0] : endings[1], reason))
    }

    /// Those that do not serve first, then the newest.
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

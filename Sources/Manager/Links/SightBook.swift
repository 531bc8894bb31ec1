import Fleet
import InferenceKeyWire
import Planning
import Synchronization

/// What was last heard of every worker; in memory only, so that a heartbeat is no write.
final class SightBook: Sendable {
    private struct Heard {
        var inventory: Inventory
        /// By the steady clock.
        var lastHeard: Timestamp
        /// By the clock on the wall, for people.
        var heardAt: Timestamp
        var generation: Int
        /// Every replica it spoke of last.
        var replicas: [ReplicaID: ReplicaObservation]
    }

    private struct State {
        var workers: [WorkerID: Heard] = [:]
    }

    /// When this Manager began to listen, by the steady clock.
    private let startedAt: Timestamp
    /// A worker that was not heard of for this long is lost, milliseconds.
    private let workerLostAfter: Int64
    private let ids: IDSource
    private let state = Mutex(State())

    init(ids: IDSource, workerLostAfter: Duration) {
        self.ids = ids
        startedAt = ids.steadyNow()
        self.workerLostAfter = workerLostAfter.milliseconds
    }

    /// Takes what a worker sees of itself; true when that is news.
    func record(_ observation: WorkerObservation, from worker: WorkerID) -> Bool {
        let now = ids.steadyNow()
        let replicas = Dictionary(observation.replicas.map { ($0.replicaID, $0) }, uniquingKeysWith: { $1 })
        let heard = Heard(
            inventory: observation.inventory, lastHeard: now, heardAt: ids.now(), generation: observation.generation,
            replicas: replicas)
        return state.withLock { state in
            let old = state.workers.updateValue(heard, forKey: worker)
            guard let old else { return true }
            return old.replicas != heard.replicas || old.generation != heard.generation
                || old.inventory != heard.inventory || now.milliseconds(since: old.lastHeard) >= workerLostAfter
        }
    }

    /// The ids of a worker's devices; nil when it was not heard of.
    func devices(of worker: WorkerID) -> [String]? {
        state.withLock { $0.workers[worker]?.inventory.devices.map(\.id) }
    }

    func forget(_ worker: WorkerID) { state.withLock { _ = $0.workers.removeValue(forKey: worker) } }

    /// What the worker itself said of a replica.
    func observation(of replica: ReplicaRecord) -> ReplicaObservation? {
        state.withLock { $0.workers[replica.workerID]?.replicas[replica.id] }
    }

    /// Whether the worker, working on this generation or a later one, no longer has the replica.
    func hasLetGo(_ replica: ReplicaRecord, since generation: Int) -> Bool {
        state.withLock { state in
            guard let heard = state.workers[replica.workerID], heard.generation >= generation else { return false }
            return heard.replicas[replica.id].map { $0.state == .stopped } ?? true
        }
    }

    /// The sight of `fleet` as it is now known, without what the Gateways say.
    ///
    /// A worker that has not been heard of since the Manager started counts as live for the first while, and its
    /// replicas as doing what they did last: a restart of the Manager moves nothing.
    func sight(of fleet: FleetState) -> FleetSight {
        let now = ids.steadyNow()
        let heard = state.withLock { $0.workers }
        var sight = FleetSight()
        for worker in fleet.workers.values {
            if let seen = heard[worker.id] {
                let isLive = now.milliseconds(since: seen.lastHeard) < workerLostAfter
                sight.workers[worker.id] = WorkerSight(
                    inventory: seen.inventory, lastHeard: seen.lastHeard, isLive: isLive)
            } else {
                let isLive = now.milliseconds(since: startedAt) < workerLostAfter
                sight.workers[worker.id] = WorkerSight(inventory: .unknown, lastHeard: startedAt, isLive: isLive)
            }
        }
        for replica in fleet.replicas.values {
            if let seen = heard[replica.workerID] {
                sight.replicas[replica.id] = seen.replicas[replica.id]
            } else if let port = replica.servingPort {
                sight.replicas[replica.id] = ReplicaObservation(
                    replicaID: replica.id, state: replica.intent == .drain ? .draining : .ready, since: startedAt,
                    port: port)
            }
        }
        return sight
    }

    /// When a worker was last heard of by the clock on the wall, if it was.
    func lastHeard(of worker: WorkerID) -> Timestamp? { state.withLock { $0.workers[worker]?.heardAt } }
}

extension Inventory {
    /// Of a worker that this Manager has not heard of yet.
    static let unknown = Inventory(
        hostname: "", operatingSystem: "", cpuCount: 0, memoryBytes: 0, devices: [], engines: [], agentVersion: "")
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }

    /// Seconds with their fraction.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

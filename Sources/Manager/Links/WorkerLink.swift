import Fleet
import InferenceKeyWire
import Synchronization

/// What every worker should be doing, complete and with a generation that grows; derived from the durable state.
final class WorkerLink: Sendable {
    private struct Desk {
        var assignment: WorkerAssignment
        var logRequests: [LogRequest] = []
    }

    private struct State {
        var desks: [WorkerID: Desk] = [:]
        /// For a replica that is to stop: the first generation without it.
        var leftIn: [ReplicaID: Int] = [:]
    }

    private let keys: EngineKeyBook
    private let ids: IDSource
    private let hub: StreamHub
    private let state = Mutex(State())

    init(keys: EngineKeyBook, ids: IDSource, hub: StreamHub) {
        self.keys = keys
        self.ids = ids
        self.hub = hub
    }

    /// Brings the assignments up to the fleet's state and tells the workers whose own has changed.
    func refresh(_ fleet: FleetState) {
        let byWorker = Dictionary(grouping: fleet.replicas.values, by: \.workerID)
        let now = Int(ids.now().milliseconds)
        let hasChanged = state.withLock { state in
            var hasChanged = false
            for worker in fleet.workers.keys {
                if refresh(&state, worker, byWorker[worker] ?? [], fleet, now: now) { hasChanged = true }
            }
            for worker in state.desks.keys where fleet.workers[worker] == nil { state.desks[worker] = nil }
            keys.keep(fleet.replicas)
            for replica in state.leftIn.keys where fleet.replicas[replica] == nil { state.leftIn[replica] = nil }
            return hasChanged
        }
        if hasChanged { hub.wake(.assignments) }
    }

    /// The current assignment of a worker; nil until the fleet's state has been looked at, which is not the same as an
    /// empty one: that would stop its engines.
    func assignment(of worker: WorkerID) -> WorkerAssignment? { state.withLock { $0.desks[worker]?.assignment } }

    /// The first generation of its worker's assignment that leaves the replica out, once there is one.
    func generationWithout(_ replica: ReplicaID) -> Int? { state.withLock { $0.leftIn[replica] } }

    func add(_ request: LogRequest, for worker: WorkerID) { change(worker) { $0.append(request) } }

    func removeLogRequest(_ id: String, of worker: WorkerID) { change(worker) { $0.removeAll { $0.id == id } } }

    private func change(_ worker: WorkerID, _ edit: (inout [LogRequest]) -> Void) {
        let now = Int(ids.now().milliseconds)
        state.withLock { state in
            guard var desk = state.desks[worker] else { return }
            edit(&desk.logRequests)
            desk.assignment.logRequests = desk.logRequests
            desk.assignment.generation = max(desk.assignment.generation + 1, now)
            state.desks[worker] = desk
        }
        hub.wake(.assignments)
    }

    private func refresh(
        _ state: inout State, _ worker: WorkerID, _ records: [ReplicaRecord], _ fleet: FleetState, now: Int
    ) -> Bool {
        let old = state.desks[worker]
        let replicas = records.filter { $0.intent != .stop }.sorted { $0.id < $1.id }.compactMap { record in
            assignment(of: record, fleet)
        }
        var desk = old ?? Desk(assignment: WorkerAssignment(generation: now, replicas: replicas))
        let hasChanged = old == nil || desk.assignment.replicas != replicas
        if old != nil, hasChanged {
            // Beginning at the time of day, so that it grows across restarts of the Manager too.
            desk.assignment.generation = max(desk.assignment.generation + 1, now)
            desk.assignment.replicas = replicas
        }
        state.desks[worker] = desk
        for record in records where record.intent == .stop && state.leftIn[record.id] == nil {
            state.leftIn[record.id] = desk.assignment.generation
        }
        return hasChanged
    }

    private func assignment(of record: ReplicaRecord, _ fleet: FleetState) -> ReplicaAssignment? {
        guard let workload = fleet.workloads[record.workloadID] else { return nil }
        let engine = record.engine ?? EngineSpec(of: workload)
        return ReplicaAssignment(
            replicaID: record.id, workloadSlug: workload.slug, revision: record.revision, backend: engine.backend,
            taskType: engine.taskType, modelName: engine.modelName, servedNames: [engine.modelName, workload.slug],
            config: engine.config, deviceIDs: record.deviceIDs,
            engineKey: keys[record.id], isDraining: record.intent == .drain)
    }
}

import Fleet
import InferenceKeyWire
import Synchronization
import Worker

/// A Manager in memory: gives assignments, keeps what is posted.
final class ManagerDouble: ManagerLink {
    struct Seen: Sendable {
        var joins: [String] = []
        var observations: [WorkerObservation] = []
        var logs: [LogBatch] = []
        var watches = 0
    }

    private struct State {
        var seen = Seen()
        var isUp = true
        var assignment: WorkerAssignment?
        var watchers: [AsyncStream<WorkerAssignment>.Continuation] = []
        var removed: Set<Credential> = []
        var logRefusal: @Sendable (LogBatch) -> LinkError? = { _ in nil }
    }

    private let state = Mutex(State())
    static let credential = Credential(kind: .worker, id: "0123abcd", secret: String(repeating: "e", count: 64))

    var seen: Seen { state.withLock { $0.seen } }

    /// The newest state of a replica that was posted.
    func replica(_ id: ReplicaID) -> ReplicaObservation? {
        seen.observations.last?.replicas.first { $0.replicaID == id }
    }

    /// The newest report of a replica in that state.
    func last(_ id: ReplicaID, _ state: ReplicaState) -> ReplicaObservation? {
        for observation in seen.observations.reversed() {
            if let found = observation.replicas.first(where: { $0.replicaID == id && $0.state == state }) {
                return found
            }
        }
        return nil
    }

    func assign(_ replicas: [ReplicaAssignment], logRequests: [LogRequest] = []) {
        state.withLock { state in
            let generation = (state.assignment?.generation ?? 0) + 1
            let assignment = WorkerAssignment(generation: generation, replicas: replicas, logRequests: logRequests)
            state.assignment = assignment
            for watcher in state.watchers { watcher.yield(assignment) }
        }
    }

    /// Whether it can be reached. Going down ends the watches.
    func setUp(_ isUp: Bool) {
        state.withLock { state in
            state.isUp = isUp
            if !isUp {
                for watcher in state.watchers { watcher.finish() }
                state.watchers = []
            }
        }
    }

    /// From now on it does not know that credential, and has no work for the one who comes with another.
    func remove(_ credential: Credential) {
        state.withLock { state in
            state.removed.insert(credential)
            state.assignment = nil
            for watcher in state.watchers { watcher.finish() }
            state.watchers = []
        }
    }

    /// What becomes of log lines from now on; those that are refused are not kept.
    func refuseLogs(_ refusal: @escaping @Sendable (LogBatch) -> LinkError?) {
        state.withLock { $0.logRefusal = refusal }
    }

    /// The first join gives the known credential, each one after a removal another.
    func join(token: Credential, name: String) async throws(LinkError) -> Credential {
        try check()
        return state.withLock { state in
            state.seen.joins.append(name)
            guard !state.removed.isEmpty else { return Self.credential }
            let secret = String(repeating: "d", count: 64)
            return Credential(kind: .worker, id: "0000000\(state.removed.count)", secret: secret)
        }
    }

    func watchAssignments(
        as worker: Credential, _ take: @Sendable (WorkerAssignment) async -> Void
    ) async throws(LinkError) {
        try check(worker)
        let (stream, watcher) = AsyncStream.makeStream(of: WorkerAssignment.self)
        state.withLock { state in
            state.seen.watches += 1
            state.watchers.append(watcher)
            if let assignment = state.assignment { watcher.yield(assignment) }
        }
        for await assignment in stream { await take(assignment) }
    }

    func post(_ observation: WorkerObservation, as worker: Credential) async throws(LinkError) {
        try check(worker)
        state.withLock { $0.seen.observations.append(observation) }
    }

    func post(_ lines: LogBatch, as worker: Credential) async throws(LinkError) {
        try check(worker)
        let refusal = state.withLock { $0.logRefusal }
        if let error = refusal(lines) { throw error }
        state.withLock { $0.seen.logs.append(lines) }
    }

    private func check(_ worker: Credential? = nil) throws(LinkError) {
        let (isUp, isRemoved) = state.withLock { ($0.isUp, worker.map($0.removed.contains) ?? false) }
        if !isUp { throw .unreachable("it is down") }
        if isRemoved { throw .refused(status: 401, message: "the worker was removed") }
    }
}

import Files
package import Fleet
import InferenceKeyWire
import Logging

/// Every replica of this worker: makes the set of supervisors equal to the assignment.
package actor ReplicaRoster {
    private let parts: ReplicaParts
    private let data: DataFolder
    private let bench: Workbench
    private var supervisors: [ReplicaID: ReplicaSupervisor] = [:]
    /// Supervisors that were told to go.
    private var leaving: Set<ReplicaID> = []
    private var wanted: [ReplicaID: ReplicaAssignment] = [:]
    /// What carries a replica's marker and nobody has taken up yet: left by earlier runs of the agent, or of another
    /// installation on this machine.
    private var found: [ReplicaID: [ProcStat]] = [:]
    /// Engines of replicas that are not assigned, on their way out.
    private var orphans: Set<ReplicaID> = []
    private var hasHeardManager = false

    package init(parts: ReplicaParts, data: DataFolder, bench: Workbench) {
        self.parts = parts
        self.data = data
        self.bench = bench
    }

    /// Looks for engines of earlier runs. Called once, before any assignment.
    package func lookAround() {
        found = ProcessTable.replicas()
        for folder in Folder.names(in: data.replicasPath).map({ ReplicaFolder(ID($0), in: data.replicasPath) }) {
            guard found[folder.id] == nil, let engine = RunningEngine(in: folder, marked: []) else { continue }
            found[folder.id] = ProcessTable.stat(of: engine.process.id).map { [$0] }
        }
    }

    /// Takes up what runs of the last known assignment, and starts nothing: the Manager may have changed it since.
    /// Gives the replicas that were taken up.
    package func adopt(_ assignment: WorkerAssignment) -> [ReplicaID] {
        let running = assignment.replicas.filter { found[$0.replicaID] != nil }
        for replica in running { add(replica) }
        return running.map(\.replicaID)
    }

    /// Starts what does not run of the last known assignment, unless the Manager was heard of meanwhile.
    package func startMissing(of assignment: WorkerAssignment) {
        guard !hasHeardManager else { return }
        for replica in assignment.replicas where supervisors[replica.replicaID] == nil { add(replica) }
    }

    /// Makes the assignment true. Returns at once; the work goes on.
    package func apply(_ assignment: WorkerAssignment) async {
        hasHeardManager = true
        wanted = Dictionary(assignment.replicas.map { ($0.replicaID, $0) }) { $1 }
        for (id, supervisor) in supervisors where !leaving.contains(id) {
            // A replica of another revision, or with another key, is another one: it comes when this one is gone.
            if let replica = wanted[id], supervisor.isOf(replica) { continue }
            leaving.insert(id)
            supervisor.unassign()
        }
        for replica in assignment.replicas {
            if let supervisor = supervisors[replica.replicaID] {
                if !leaving.contains(replica.replicaID) { await supervisor.update(replica) }
            } else {
                add(replica)
            }
        }
        // Unless they are assigned to this worker, only processes of this data folder are ours to stop.
        for id in found.keys where wanted[id] == nil && Folder.isFolder(folder(of: id).path) { stopOrphan(id) }
    }

    /// Ends every engine. Returns when none is left.
    package func stopAll() async {
        await apply(WorkerAssignment(generation: 0, replicas: []))
        while !supervisors.isEmpty || !orphans.isEmpty {
            do { try await parts.clock.sleep(for: .milliseconds(10)) } catch { return }
        }
    }

    package func log(of replica: ReplicaID) -> EngineLog? { supervisors[replica]?.log }

    private func add(_ replica: ReplicaAssignment) {
        let id = replica.replicaID
        let marked = found.removeValue(forKey: id)
        let engine = marked.flatMap { RunningEngine(in: folder(of: id), marked: $0) }
        if let engine {
            parts.logger.info("engine taken over", metadata: ["replica": "\(id)", "pid": "\(engine.process.id)"])
        }
        let supervisor = ReplicaSupervisor(
            replica, found: engine, hasStrays: marked != nil && engine == nil, parts: parts)
        supervisors[id] = supervisor
        bench.add { [self] in
            await supervisor.run()
            if !Task.isCancelled { await finished(id) }
        }
    }

    /// A replica is gone; it may have been assigned again meanwhile.
    private func finished(_ id: ReplicaID) {
        supervisors[id] = nil
        leaving.remove(id)
        data.prune(keeping: Set(supervisors.keys).union(wanted.keys))
        if let replica = wanted[id] { add(replica) }
    }

    private func stopOrphan(_ id: ReplicaID) {
        orphans.insert(id)
        let marked = found.removeValue(forKey: id) ?? []
        let engine = RunningEngine(in: folder(of: id), marked: marked)
        parts.logger.notice("engine without an assignment is stopped", metadata: ["replica": "\(id)"])
        report(id, .stopping, engine)
        bench.add { [self] in
            await parts.stop.stop(engine?.process, of: id)
            if !Task.isCancelled { await orphanGone(id) }
        }
    }

    private func orphanGone(_ id: ReplicaID) {
        orphans.remove(id)
        parts.engineIsGone()
        report(id, .stopped, nil)
        if let replica = wanted[id], supervisors[id] == nil { add(replica) }
    }

    private func folder(of id: ReplicaID) -> ReplicaFolder { ReplicaFolder(id, in: data.replicasPath) }

    private func report(_ id: ReplicaID, _ state: ReplicaState, _ engine: RunningEngine?) {
        parts.board.set(
            ReplicaObservation(
                replicaID: id, state: state, since: parts.now(), port: engine?.record.port,
                processID: (engine?.process.id).map(Int.init), reason: "it is no longer assigned to this worker"))
    }
}

import Fleet
import InferenceKeyWire
import Planning

/// A small fleet that a test tells a story about: declare, tick, let replicas become ready, and read what was decided.
struct PlanningStory {
    var state = FleetState()
    var sight = FleetSight()
    var now = Timestamp(milliseconds: 1_000_000)
    var planner = Planner()
    let tenant = Tenant(id: ID("tn_1"), slug: "default", createdAt: Timestamp(milliseconds: 0))
    let project: Project
    private var replicaCount = 0

    init(workers: [(name: String, gpus: Int)] = [("box", 0)]) {
        project = Project(id: ID("pr_1"), tenantID: tenant.id, slug: "acme", createdAt: Timestamp(milliseconds: 0))
        state.apply(.putTenant(tenant))
        state.apply(.putProject(project))
        for worker in workers { addWorker(worker.name, gpus: worker.gpus) }
    }

    /// A story in which the workload `chat` has one replica, which serves.
    static func serving(workers: [(name: String, gpus: Int)] = [("box", 0)]) -> PlanningStory {
        var story = PlanningStory(workers: workers)
        story.declare("chat")
        _ = story.settle()
        story.observe("rp_1", .ready)
        return story
    }

    mutating func addWorker(_ name: String, gpus: Int, memoryGiB: Int64 = 24, engines: [Backend] = Backend.builtIn) {
        let id = WorkerID("wk_\(name)")
        state.apply(.putWorker(WorkerRecord(id: id, tenantID: tenant.id, name: name, createdAt: now)))
        var devices = (0..<gpus).map {
            Device(id: "GPU-\($0)", kind: .nvidia, name: "GPU", memoryBytes: 80 << 30, memoryFreeBytes: 79 << 30)
        }
        devices.append(Device(id: "cpu", kind: .cpu, name: "CPU", memoryBytes: memoryGiB << 30))
        let inventory = Inventory(
            hostname: name, operatingSystem: "linux", cpuCount: 8, memoryBytes: memoryGiB << 30, devices: devices,
            engines: engines.map { FoundEngine(backend: $0, version: "1", path: "/x") }, agentVersion: "1")
        sight.workers[id] = WorkerSight(inventory: inventory, lastHeard: now, isLive: true)
    }

    @discardableResult
    mutating func declare(
        _ slug: String, command: String = "vllm serve m", backend: Backend = .vllm, replicas: Int = 1,
        change: (inout WorkloadRecord) -> Void = { _ in }
    ) -> WorkloadRecord {
        let old = state.workload(slug: slug, in: project.id)
        var record =
            old
            ?? WorkloadRecord(
                id: ID("wl_\(slug)"), projectID: project.id, slug: slug, name: slug, backend: backend, modelName: "m",
                createdAt: now, updatedAt: now)
        record.revision = (old?.revision ?? 0) + 1
        let config: JSONObject = ["command": .string(command)]
        if record.config != config { record.engineRevision = record.revision }
        record.config = config
        record.executionPolicyConfig = ["replicas": .int(replicas)]
        change(&record)
        state.apply(.putWorkload(record))
        return record
    }

    /// Plans and carries the plan out; gives the plan in words.
    @discardableResult
    mutating func tick() -> [String] {
        let plan = planner.plan(state, sight, now: now)
        for planned in plan.actions { carryOut(planned.action) }
        return plan.actions.map { describe($0.action) }
    }

    /// Ticks until there is nothing to do.
    mutating func settle() -> [String] {
        var all: [String] = []
        for _ in 0..<20 {
            let actions = tick()
            if actions.isEmpty { return all }
            all += actions
        }
        return all + ["never settles"]
    }

    mutating func observe(_ replica: String, _ state: ReplicaState, cause: FailureCause? = nil, restarts: Int = 0) {
        sight.replicas[ID(replica)] = ReplicaObservation(
            replicaID: ID(replica), state: state, since: now, restarts: restarts, cause: cause)
    }

    func verdict(_ slug: String) -> WorkloadVerdict? {
        state.workload(slug: slug, in: project.id).map { planner.verdict(of: $0, state, sight) }
    }

    private mutating func carryOut(_ action: FleetAction) {
        switch action {
        case .place(let workload, let revision, let worker, let devices, let share):
            replicaCount += 1
            state.apply(
                .putReplica(
                    ReplicaRecord(
                        id: ID("rp_\(replicaCount)"), workloadID: workload, revision: revision, workerID: worker,
                        deviceIDs: devices, deviceShare: share, createdAt: now,
                        engine: state.workloads[workload].map(EngineSpec.init(of:)))))
        case .drain(let id):
            guard var replica = state.replicas[id] else { return }
            replica.intent = .drain
            replica.drainingSince = now
            state.apply(.putReplica(replica))
        case .stop(let id):
            guard var replica = state.replicas[id] else { return }
            replica.intent = .stop
            state.apply(.putReplica(replica))
        case .remove(let id): state.apply(.removeReplica(id))
        case .removeWorkload(let id): state.apply(.removeWorkload(id))
        }
    }

    private func describe(_ action: FleetAction) -> String {
        switch action {
        case .place(let workload, let revision, let worker, let devices, _):
            "place \(workload) r\(revision) on \(worker)\(devices.isEmpty ? "" : " " + devices.joined(separator: "+"))"
        case .drain(let id): "drain \(id)"
        case .stop(let id): "stop \(id)"
        case .remove(let id): "remove \(id)"
        case .removeWorkload(let id): "remove \(id)"
        }
    }
}

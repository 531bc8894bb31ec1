package import Fleet
import InferenceKeyWire
import Logging

/// Keeps one replica as its assignment says: carries out what ``ReplicaLife`` decides.
package actor ReplicaSupervisor {
    let parts: ReplicaParts
    let folder: ReplicaFolder
    package nonisolated let log: EngineLog
    package nonisolated let id: ReplicaID
    private nonisolated let revision: Int
    private nonisolated let engineKey: String
    let adapter: (any EngineAdapter)?

    var assignment: ReplicaAssignment
    var life: ReplicaLife
    var launch: EngineLaunch?
    var engine: RunningEngine?
    var progress: StartProgress?
    /// Processes of it that were found and cannot be taken over; they go before a new one comes.
    var hasStrays: Bool

    private let events: AsyncStream<ReplicaLife.Event>
    private let intake: AsyncStream<ReplicaLife.Event>.Continuation
    private var leashes: [Work: Leash] = [:]

    /// Long work; one of each at a time.
    enum Work: Hashable { case preparing, watchingExit, attending, waiting, ending, readingLog }

    /// - Parameters:
    ///   - found: its engine, when an earlier run of the agent has left one running.
    ///   - hasStrays: other processes of it were found.
    package init(_ assignment: ReplicaAssignment, found: RunningEngine?, hasStrays: Bool, parts: ReplicaParts) {
        self.parts = parts
        self.assignment = assignment
        id = assignment.replicaID
        revision = assignment.revision
        engineKey = assignment.engineKey
        folder = ReplicaFolder(assignment.replicaID, in: parts.folder)
        adapter = parts.adapters[assignment.backend]
        log = EngineLog(
            assignment.replicaID, path: folder.logPath, limits: parts.logs, secret: assignment.engineKey)
        (events, intake) = AsyncStream.makeStream()
        life = ReplicaLife(policy: parts.policy, restarts: found?.record.restarts ?? 0, at: parts.now())
        let isSame = found?.record.isOf(assignment) ?? false
        engine = isSame ? found : nil
        self.hasStrays = hasStrays || (found != nil && !isSame)
        if isSame { intake.yield(.adopted) }
        intake.yield(.assigned(isDraining: assignment.isDraining))
    }

    /// Whether the assignment is of the engine that it keeps.
    package nonisolated func isOf(_ assignment: ReplicaAssignment) -> Bool {
        revision == assignment.revision && engineKey == assignment.engineKey
    }

    /// Takes a newer assignment of the same replica.
    package func update(_ assignment: ReplicaAssignment) {
        guard assignment.isDraining != self.assignment.isDraining else { return }
        self.assignment = assignment
        intake.yield(.assigned(isDraining: assignment.isDraining))
    }

    /// The replica is to go; ``run()`` ends when nothing of it is left.
    package nonisolated func unassign() { intake.yield(.unassigned) }

    /// The life of the replica. Ends when it is unassigned and gone, or when the task is cancelled: then its engine
    /// stays as it is, for the next run of the agent.
    package func run() async {
        await withDiscardingTaskGroup { group in
            begin(.readingLog, in: &group) { supervisor, _ in await supervisor.readLog() }
            if let process = engine?.process { watchExit(of: process, in: &group) }
            live: for await event in events {
                let actions = life.handle(event, at: parts.now())
                parts.logger.debug(
                    "replica event", metadata: ["replica": "\(id)", "event": "\(event)", "state": "\(life.state)"])
                if !isWaiting { cut(.waiting) }
                for action in actions {
                    if action == .finish { break live }
                    perform(action, in: &group)
                }
                publish()
            }
            group.cancelAll()
        }
        if life.state == .stopped { publish() }
    }

    func send(_ event: ReplicaLife.Event) { intake.yield(event) }

    private var isWaiting: Bool { life.state == .backingOff || life.state == .failed }

    private func perform(_ action: ReplicaLife.Action, in group: inout DiscardingTaskGroup) {
        switch action {
        case .prepare:
            progress = StartProgress(.place, at: parts.uptime())
            begin(.preparing, in: &group) { await $0.prepare(under: $1) }
        case .spawn:
            if let process = spawn() { watchExit(of: process, in: &group) }
        case .awaitReady:
            progress = progress ?? StartProgress(.startEngine, at: parts.uptime())
            begin(.attending, in: &group) { await $0.awaitReady(under: $1) }
        case .watchHealth: begin(.attending, in: &group) { await $0.watchHealth(under: $1) }
        case .clean:
            cut(.attending)
            begin(.ending, in: &group) { supervisor, _ in await supervisor.clean() }
        case .wait(let duration): begin(.waiting, in: &group) { await $0.wait(duration, under: $1) }
        case .stop:
            for work in [Work.attending, .preparing, .waiting] { cut(work) }
            begin(.ending, in: &group) { supervisor, _ in await supervisor.stop() }
        case .finish: break
        }
    }

    private func begin(
        _ work: Work, in group: inout DiscardingTaskGroup,
        _ body: @escaping @Sendable (ReplicaSupervisor, Leash) async -> Void
    ) {
        cut(work)
        let leash = Leash()
        leashes[work] = leash
        group.addTask { await leash.run { await body(self, leash) } }
    }

    private func cut(_ work: Work) { leashes.removeValue(forKey: work)?.cut() }

    private func watchExit(of process: EngineProcess, in group: inout DiscardingTaskGroup) {
        begin(.watchingExit, in: &group) { await $0.watchExit(of: process, under: $1) }
    }

    private func wait(_ duration: Duration, under leash: Leash) async {
        try? await parts.clock.sleep(for: duration)
        if !leash.isCut, !Task.isCancelled { send(.waited) }
    }
}

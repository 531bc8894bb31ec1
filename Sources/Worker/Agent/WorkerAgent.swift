import Fleet
package import InferenceKeyWire
package import Logging
import ServiceLifecycle
package import Transport

/// The agent of one machine: makes what it is assigned true, and tells the Manager what it sees.
///
/// It dials the Manager and holds a watch for its assignment. Engines are started in sessions of their own and outlive
/// it: its next run on the same data folder takes them over. Without the Manager it goes on with the last assignment.
package final class WorkerAgent: Service {
    let configuration: WorkerConfiguration
    let inventory: any DeviceInventory
    let link: any ManagerLink
    let logger: Logger
    let clock: any Clock<Duration>
    let now: @Sendable () -> Timestamp
    let adapters: [Backend: any EngineAdapter]
    let client: HTTPClient
    let uptime: @Sendable () -> Duration
    package let board = ObservationBoard()
    /// Rung when the machine should be looked at again.
    let machineBell = Bell()
    let bench = Workbench()

    /// - Parameters:
    ///   - environment: the agent's own, of which engines see only their families.
    ///   - link: the HTTP link to the configured Manager when nil.
    package init(
        _ configuration: WorkerConfiguration, adapters: [any EngineAdapter], inventory: any DeviceInventory,
        environment: [String: String], logger: Logger, link: (any ManagerLink)? = nil,
        client: HTTPClient = HTTPClient(), clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Timestamp = { .now },
        uptime: @escaping @Sendable () -> Duration = { WorkerAgent.start.duration(to: .now) }
    ) {
        self.configuration = configuration
        self.inventory = inventory
        self.link = link ?? HTTPManagerLink(manager: configuration.manager, client: client)
        self.logger = logger
        self.clock = clock
        self.now = now
        self.uptime = uptime
        self.adapters = Dictionary(adapters.map { ($0.backend, $0) }) { $1 }
        self.client = client
        self.environment = environment
    }

    let environment: [String: String]
    /// While the machine sleeps nothing is waited for.
    package static let start = SuspendingClock.now

    /// Runs until it is told to stop or its task is cancelled. Throws ``WorkerError`` when it cannot run at all.
    package func run() async throws {
        let data = try DataFolder(configuration.dataFolder)
        let lock = try data.lock()
        defer { withExtendedLifetime(lock) {} }
        var credential = try await cancelWhenGracefulShutdown { try await self.credential(in: data) }
        let parts = parts(in: data)
        let roster = ReplicaRoster(parts: parts, data: data, bench: bench)
        await roster.lookAround()
        board.set(await inventory.read())
        try await withThrowingTaskGroup { group in
            group.addTask { await self.bench.run() }
            defer { group.cancelAll() }
            while let known = credential {
                credential = try await cancelWhenGracefulShutdown {
                    let session = WorkerSession(agent: self, credential: known, data: data, roster: roster)
                    guard let reason = await session.run() else { return nil }
                    return try await self.credential(after: reason, in: data, roster: roster)
                }
            }
            if configuration.stopsEnginesOnExit, !Task.isCancelled { await roster.stopAll() }
        }
    }

    private func parts(in data: DataFolder) -> ReplicaParts {
        let machine = EngineMachine(
            finder: configuration.finder(environment: environment), devices: [],
            allowsAbsoluteLaunchers: configuration.allowsAbsoluteLaunchers,
            vllmPackage: configuration.vllmPackage, installFolder: data.enginesPath)
        return ReplicaParts(
            adapters: adapters, folder: data.replicasPath,
            machine: { [board] in
                var machine = machine
                machine.devices = board.inventory?.devices ?? []
                return machine
            },
            freeMemoryBytes: { MachineMemory.read()?.freeBytes }, agentVariables: environment,
            operatorVariables: configuration.engineVariables, policy: configuration.policy,
            health: configuration.health, logs: configuration.logs,
            stop: EngineStop(grace: configuration.stopGrace, clock: clock),
            installs: InstallDesk(clock: clock, now: now), board: board, client: client, clock: clock, now: now,
            uptime: uptime, engineIsGone: { [machineBell] in machineBell.ring() }, logger: logger)
    }
}

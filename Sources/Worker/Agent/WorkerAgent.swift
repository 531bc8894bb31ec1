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
    package let board = ObservationBoard()
    let bench = Workbench()

    /// - Parameters:
    ///   - environment: the agent's own, of which engines see only their families.
    ///   - link: the HTTP link to the configured Manager when nil.
    package init(
        _ configuration: WorkerConfiguration, adapters: [any EngineAdapter], inventory: any DeviceInventory,
        environment: [String: String], logger: Logger, link: (any ManagerLink)? = nil,
        client: HTTPClient = HTTPClient(), clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.configuration = configuration
        self.inventory = inventory
        self.link = link ?? HTTPManagerLink(manager: configuration.manager, client: client)
        self.logger = logger
        self.clock = clock
        self.now = now
        self.adapters = Dictionary(adapters.map { ($0.backend, $0) }) { $1 }
        self.client = client
        self.environment = environment
    }

    let environment: [String: String]

    /// Runs until it is told to stop or its task is cancelled. Throws ``WorkerError`` when it cannot run at all.
    package func run() async throws {
        let data = try DataFolder(configuration.dataFolder)
        let lock = try data.lock()
        defer { withExtendedLifetime(lock) {} }
        let credential = try await cancelWhenGracefulShutdown { try await self.credential(in: data) }
        guard let credential else { return }
        let parts = parts(in: data)
        let roster = ReplicaRoster(parts: parts, data: data, bench: bench)
        await roster.lookAround()
        board.set(await inventory.read())
        let session = WorkerSession(agent: self, credential: credential, data: data, roster: roster)
        await withTaskGroup { group in
            group.addTask { await self.bench.run() }
            await cancelWhenGracefulShutdown { await session.run() }
            if configuration.stopsEnginesOnExit, !Task.isCancelled { await roster.stopAll() }
            group.cancelAll()
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
            logger: logger)
    }
}

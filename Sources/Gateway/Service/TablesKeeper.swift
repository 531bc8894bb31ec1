import Fleet
import InferenceKeyWire
import Logging
import NIOPosix
import Synchronization

/// Takes each new version of the tables to the loops and to the disk, and knows which one is served by.
final class TablesKeeper: Sendable {
    private struct State {
        var tables: GatewayTables?
        var counters = SharedCounters()
    }

    private let lanes: Lanes
    private let mirror: TablesMirror?
    private let logger: Logger
    private let state = Mutex(State())

    init(lanes: Lanes, mirror: TablesMirror?, logger: Logger) {
        self.lanes = lanes
        self.mirror = mirror
        self.logger = logger
    }

    /// Whether there are tables to serve by.
    var hasTables: Bool { state.withLock { $0.tables != nil } }

    /// The version every loop serves by, with the requests that are open to its draining replicas.
    var standing: (version: Int, draining: [ReplicaID: Int]) {
        state.withLock { state in
            guard let tables = state.tables else { return (0, [:]) }
            return (tables.version, state.counters.draining(in: tables))
        }
    }

    /// Serves by the mirror until the Manager says more.
    func loadMirror() async {
        guard let mirror else { return }
        do {
            guard let tables = try await NIOThreadPool.singleton.runIfActive({ try mirror.load() }) else { return }
            try await install(tables, savesMirror: false)
            logger.info("serving by the mirrored tables", metadata: ["endpoints": "\(tables.endpoints.count)"])
        } catch {
            logger.warning("the mirrored tables cannot be used", metadata: ["error": "\(error)"])
        }
    }

    /// Returns when every loop serves by `tables`, and the disk holds them if it can.
    func install(_ tables: GatewayTables) async throws { try await install(tables, savesMirror: true) }

    private func install(_ tables: GatewayTables, savesMirror: Bool) async throws {
        let counters = state.withLock { state in
            state.counters.keepOnly(tables)
            return state.counters
        }
        try await lanes.apply { TableSnapshot(tables, counters: counters) }
        let isNew = state.withLock { state in
            defer { state.tables = tables }
            return state.tables?.endpoints != tables.endpoints || state.tables?.keys != tables.keys
        }
        if savesMirror, isNew { await save(tables) }
    }

    /// A disk that cannot be written to is no reason not to serve.
    private func save(_ tables: GatewayTables) async {
        guard let mirror else { return }
        do {
            try await NIOThreadPool.singleton.runIfActive { try mirror.save(tables) }
        } catch {
            logger.error("the tables could not be mirrored to disk", metadata: ["error": "\(error)"])
        }
    }
}

import Fleet
import InferenceKeyWire
import Logging
import NIOPosix
import Synchronization

/// Takes each new version of the tables to the loops and to the disk, and knows which one is served by.
final class TablesKeeper: Sendable {
    private struct State {
        var tables: GatewayTables?
        /// What the disk holds.
        var mirrored: GatewayTables?
        var counters = SharedCounters()
    }

    private let lanes: Lanes
    private let mirror: TablesMirror?
    private let logger: Logger
    private let state = Mutex(State())
    /// Held while the mirror is written; whether the last time failed.
    private let writing = Mutex(false)

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
            state.withLock { $0.mirrored = tables }
            try await install(tables)
            logger.info("serving by the mirrored tables", metadata: ["endpoints": "\(tables.endpoints.count)"])
        } catch {
            logger.warning("the mirrored tables cannot be used", metadata: ["error": "\(error)"])
        }
    }

    /// Returns when every loop serves by `tables`, and the disk holds them if it can.
    func install(_ tables: GatewayTables) async throws {
        let counters = state.withLock { state in
            state.counters.keepOnly(tables)
            return state.counters
        }
        try await lanes.apply { TableSnapshot(tables, counters: counters) }
        state.withLock { $0.tables = tables }
        await keepMirror()
    }

    /// Brings the mirror up to date if it is not: once a second too, for a disk that could not be written to may take
    /// it now. One that cannot is no reason not to serve.
    func keepMirror() async {
        guard let mirror, unmirrored != nil else { return }
        try? await NIOThreadPool.singleton.runIfActive { self.write(mirror) }
    }

    private var unmirrored: GatewayTables? {
        state.withLock { state in
            guard let tables = state.tables else { return nil }
            let isSame = state.mirrored?.endpoints == tables.endpoints && state.mirrored?.keys == tables.keys
            return isSame ? nil : tables
        }
    }

    /// Blocks.
    private func write(_ mirror: TablesMirror) {
        writing.withLock { hasFailed in
            guard let tables = unmirrored else { return }
            do {
                try mirror.save(tables)
                state.withLock { $0.mirrored = tables }
                if hasFailed { logger.info("the tables are mirrored to disk again") }
                hasFailed = false
            } catch {
                // Said once, not once a second.
                let metadata: Logger.Metadata = ["error": "\(error)"]
                if !hasFailed { logger.error("the tables could not be mirrored to disk", metadata: metadata) }
                hasFailed = true
            }
        }
    }
}

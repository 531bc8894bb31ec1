package import Fleet
package import InferenceKeyWire
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import Transport

/// The data plane: authenticates, routes, relays and accounts for the calls of endpoints.
///
/// It serves by tables that the Manager feeds it and that it mirrors to disk, so it goes on when the Manager is away. On
/// graceful shutdown it takes no more connections, lets requests finish for ``GatewayLimits/drain``, and ends the rest.
///
/// ```swift
/// let gateway = GatewayService(configuration, logger: logger)
/// // in a ServiceGroup; then
/// let port = try await gateway.boundPort()
/// ```
package final class GatewayService: Service {
    private let configuration: GatewayConfiguration
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let life = Life()

    package init(
        _ configuration: GatewayConfiguration, logger: Logger, now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.configuration = configuration
        self.logger = logger
        self.now = now
    }

    /// The port that is listened on, as soon as it is. Throws if the Gateway ends without ever listening.
    package func boundPort() async throws -> Int { try await life.port() }

    /// Whether it listens and has tables to serve by.
    package var isReady: Bool { life.isListening && life.keeper?.hasTables ?? false }

    /// Its metrics as Prometheus text; empty while it is not running.
    package func metricsText() async -> String {
        guard let lanes = life.lanes else { return "" }
        let figures = try? await lanes.figures(on: MultiThreadedEventLoopGroup.singleton.next()).get()
        return figures?.text ?? ""
    }

    /// Serves by `tables` from now on. The feed does this by itself; for tests and for a Gateway without a Manager.
    package func install(_ tables: GatewayTables) async throws { try await life.keeper?.install(tables) }

    package func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.loopCount))
        do {
            try await run(on: group)
            life.end(nil)
        } catch {
            life.end(error)
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func run(on group: MultiThreadedEventLoopGroup) async throws {
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let links = LaneLinks(
            now: now, replicaDrained: { signal.yield() }, isReady: { [life] in life.keeper?.hasTables ?? false },
            metrics: { [life] loop in
                life.lanes?.figures(on: loop).map(\.text) ?? loop.makeSucceededFuture("")
            })
        let lanes = try await Lanes.start(on: group, configuration: configuration, logger: logger, links: links)
        let keeper = TablesKeeper(
            lanes: lanes, mirror: configuration.mirrorPath.map(TablesMirror.init(path:)), logger: logger)
        life.start(lanes, keeper)
        await keeper.loadMirror()
        let listeners = try await listen(lanes, on: group)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            if let manager = configuration.manager {
                addLinks(to: manager, lanes, keeper, signals, signal, in: &tasks)
            }
            try? await gracefulShutdown()
            await listeners.close()
            try await finish(lanes)
            signal.finish()
            tasks.cancelAll()
        }
        await life.finalReport?()
        try await lanes.closeAll()
    }

    private func listen(_ lanes: Lanes, on group: MultiThreadedEventLoopGroup) async throws -> Listeners {
        let place = Address(host: configuration.host, port: configuration.port)
        let listeners: Listeners
        do {
            if lanes.count > 1 {
                try await Listeners.checkIsFree(on: group.next(), host: place.host, port: place.port)
            }
            listeners = try await lanes.listen(configuration)
        } catch {
            throw GatewayFailure.cannotListen(place, reason: "\(error)")
        }
        life.listen(on: listeners.port ?? 0)
        logger.info("the gateway listens", metadata: ["host": "\(place.host)", "port": "\(listeners.port ?? 0)"])
        return listeners
    }

    /// The feed of tables and the reports, both over HTTP to the Manager.
    private func addLinks(
        to manager: GatewayConfiguration.ManagerLink, _ lanes: Lanes, _ keeper: TablesKeeper,
        _ signals: AsyncStream<Void>, _ signal: AsyncStream<Void>.Continuation,
        in tasks: inout ThrowingTaskGroup<Void, any Error>
    ) {
        let http = HTTPClient()
        let reports = ReportSender(
            link: manager, http: http, lanes: lanes, keeper: keeper, logger: logger, now: now)
        let feed = FeedClient(link: manager, http: http, clock: ContinuousClock(), logger: logger) { tables in
            try await keeper.install(tables)
            signal.yield()
        }
        tasks.addTask { await feed.run() }
        tasks.addTask { for await _ in signals { await reports.send() } }
        tasks.addTask {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                signal.yield()
            }
        }
        life.finalReport = {
            await reports.send()
            await http.shutdown()
        }
    }

    private func finish(_ lanes: Lanes) async throws {
        let open = try await lanes.figures(on: MultiThreadedEventLoopGroup.singleton.next()).get()
        logger.info("draining", metadata: ["in_flight": "\(open.counters.requestsInFlight)"])
        let isEmpty = try await lanes.drain(within: configuration.limits.drain)
        let cut = isEmpty ? 0 : try await lanes.cut()
        logger.info(
            "drained", metadata: ["cut": "\(cut)", "finished": "\(max(0, open.counters.requestsInFlight - cut))"])
    }
}

/// Why a Gateway could not be started.
package enum GatewayFailure: Error, Sendable, Equatable, CustomStringConvertible {
    case cannotListen(Address, reason: String)
    case endedBeforeListening

    package var description: String {
        switch self {
        case .cannotListen(let place, let reason):
            "cannot listen on \(place): \(reason). Is another program using the port? Choose one with --port."
        case .endedBeforeListening: "the gateway ended before it listened"
        }
    }
}

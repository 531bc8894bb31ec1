import Files
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

    /// Reads the certificate again, for whoever replaced it and does not want to wait. A pair that cannot be used is
    /// logged and leaves the former one.
    package func reloadCertificate() { life.certificate?.reload() }

    /// Opens the access log anew, for whoever has moved it away.
    package func reopenAccessLog() { life.telemetry?.reopen() }

    private func makeTelemetry() throws(GatewayFailure) -> Telemetry? {
        let scheme = configuration.certificate == nil ? "http" : "https"
        do {
            return try Telemetry(configuration.telemetry, scheme: scheme, logger: logger)
        } catch {
            throw .accessLog(reason: error.description)
        }
    }

    private func run(on group: MultiThreadedEventLoopGroup) async throws {
        let certificate = try configuration.certificate.map { files in
            do throws(CertificateFault) {
                return try ServerCertificate(files, logger: logger, now: now)
            } catch {
                throw GatewayFailure.certificate(error)
            }
        }
        life.certificate = certificate
        let telemetry = try makeTelemetry()
        life.telemetry = telemetry
        var configuration = configuration
        configuration.limits.maxConnections = min(
            configuration.limits.maxConnections,
            DescriptorLimit.raised().connections(loops: max(1, configuration.loopCount)))
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let links = LaneLinks(
            telemetry: telemetry, now: now, replicaDrained: { signal.yield() },
            isReady: { [life] in life.keeper?.hasTables ?? false },
            metrics: { [life] loop in
                // The text is long where there are many workloads: no loop that serves writes it.
                life.lanes?.figures(on: MultiThreadedEventLoopGroup.singleton.next()).map(\.text).hop(to: loop)
                    ?? loop.makeSucceededFuture("")
            })
        let ledger = await UsageLedger.inFolder(configuration.usagePath, logger: logger)
        let lanes = try await Lanes.start(
            on: group, configuration: configuration, logger: logger, links: links, ledger: ledger)
        let keeper = TablesKeeper(
            lanes: lanes, mirror: configuration.mirrorPath.map(TablesMirror.init(path:)), logger: logger)
        life.start(lanes, keeper)
        await keeper.loadMirror()
        let listeners = try await listen(lanes, certificate, on: group)
        ProgramPages.giveBack()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            if let manager = configuration.manager {
                addLinks(to: manager, lanes, keeper, ledger, signals, signal, in: &tasks)
            }
            if let certificate { watch(certificate, in: &tasks) }
            if let telemetry { tasks.addTask { await telemetry.run() } }
            try? await gracefulShutdown()
            await listeners.close()
            try await finish(lanes)
            signal.finish()
            tasks.cancelAll()
        }
        await life.finalReport?()
        ledger.close()
        try await lanes.closeAll()
        try await lanes.handOver()
        await telemetry?.finish()
    }

    private func listen(
        _ lanes: Lanes, _ certificate: ServerCertificate?, on group: MultiThreadedEventLoopGroup
    ) async throws -> Listeners {
        let place = Address(host: configuration.host, port: configuration.port)
        let listeners: Listeners
        do {
            if lanes.count > 1 {
                try await Listeners.checkIsFree(on: group.next(), host: place.host, port: place.port)
            }
            listeners = try await lanes.listen(configuration, certificate)
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
        _ ledger: UsageLedger, _ signals: AsyncStream<Void>, _ signal: AsyncStream<Void>.Continuation,
        in tasks: inout ThrowingTaskGroup<Void, any Error>
    ) {
        let http = HTTPClient()
        let reports = ReportSender(
            link: manager, http: http, lanes: lanes, keeper: keeper, ledger: ledger, logger: logger, now: now)
        let feed = FeedClient(link: manager, http: http, clock: ContinuousClock(), logger: logger) { tables in
            try await keeper.install(tables)
            signal.yield()
        }
        tasks.addTask { await feed.run() }
        tasks.addTask { for await _ in signals { await reports.send() } }
        tasks.addTask {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                await reports.collect()
                await keeper.keepMirror()
                signal.yield()
            }
        }
        life.finalReport = {
            await reports.send()
            await http.shutdown()
        }
    }

    private func watch(_ certificate: ServerCertificate, in tasks: inout ThrowingTaskGroup<Void, any Error>) {
        let interval = Duration.nanoseconds(configuration.limits.certificateCheck.nanoseconds)
        tasks.addTask {
            while !Task.isCancelled {
                try? await Task.sleep(for: interval)
                try? await NIOThreadPool.singleton.runIfActive { certificate.reloadIfChanged() }
            }
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
    case certificate(CertificateFault)
    case accessLog(reason: String)
    case endedBeforeListening

    package var description: String {
        switch self {
        case .cannotListen(let place, let reason):
            "cannot listen on \(place): \(reason). Is another program using the port? Choose one with --port."
        case .certificate(let fault): "\(fault): \(fault.fix)"
        case .accessLog(let reason):
            "the access log \(reason). Give --access-log a file in a folder that can be written to."
        case .endedBeforeListening: "the gateway ended before it listened"
        }
    }
}

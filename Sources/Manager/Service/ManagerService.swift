package import Fleet
import Hummingbird
import HummingbirdCore
package import InferenceKeyWire
package import Logging
import NIOCore
import ServiceLifecycle

/// The control plane: the API, the reconciler, and the links to workers and Gateways.
///
/// It serves once the state is loaded and the reconciler has looked at it once, so that nobody is ever told of a fleet
/// that is empty because it is not known yet. At a graceful shutdown event streams end, requests finish, then it stops.
package final class ManagerService: Service {
    private let core: Core
    private let reconciler: Reconciler
    private let bound = BoundPort()

    /// Loads the state from the store.
    package init(
        _ configuration: ManagerConfiguration, store: any FleetStore, ids: IDSource = .system,
        clock: any Clock<Duration> = ContinuousClock(), logger: Logger
    ) async throws {
        core = try await Core(configuration: configuration, store: store, ids: ids, clock: clock, logger: logger)
        reconciler = Reconciler(core: core, tick: configuration.timings.tick, clock: clock, logger: logger)
    }

    /// What to make sure of before the first request.
    package var firstStart: FirstStart { FirstStart(ledger: core.ledger) }

    /// The port it listens on, as soon as it does; throws when it cannot listen.
    package func port() async throws -> Int { try await bound.get() }

    package func run() async throws {
        await core.sweepPackages()
        await reconciler.pass()
        let configuration = core.configuration
        let core = core
        let server = HTTPServerBuilder { responder in
            GuardedChannel(
                timings: configuration.timings, bodyLimits: UploadLimits(configuration, ControlRoutes.table),
                requestID: { "req_\(core.ids.ulid())" }, responder: responder)
        }
        let application = Application(
            responder: ControlResponder(core: core, table: ControlRoutes.table), server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maxConnections)),
            onServerRunning: { [bound] channel in
                if let port = channel.localAddress?.port { bound.settle(.success(port)) }
            }, logger: Self.quiet(core.logger))
        // Ended in the reverse order: first the streams, then the listener, which waits for them.
        let group = ServiceGroup(
            services: [Housekeeper(core: core), reconciler, application, core.hub], logger: Self.quiet(core.logger))
        do {
            try await group.run()
            bound.settle(.failure(CancellationError()))
        } catch {
            bound.settle(.failure(error))
            throw error
        }
    }

    /// Hummingbird and the service group tell little of use below a warning.
    private static func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .notice)
        return logger
    }
}

extension ManagerService {
    /// The OpenAPI 3.1 document of the control API, as `api/openapi.json` holds it.
    package static var openAPIDocument: JSONValue { OpenAPIDocument(ControlRoutes.table).json }
}

extension ManagerService {
    /// For tests: the ledger behind the API.
    var ledger: FleetLedger { core.ledger }
}

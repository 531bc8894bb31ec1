import Fleet
import InferenceKeyWire
import Logging
import Planning

/// The parts of a Manager that its routes and its reconciler share.
final class Core: Sendable {
    let ledger: FleetLedger
    let store: any FleetStore
    let planner: Planner
    let sightBook: SightBook
    let engineKeys: EngineKeyBook
    let workerLink: WorkerLink
    let gatewayLink: GatewayLink
    let logRelay: LogRelay
    let verdicts = VerdictBook()
    let hub: StreamHub
    let lastUse: LastUseBook
    let packages: PackageFolder
    let metrics = ManagerMetrics()
    /// Wakes the reconciler.
    let reconcileWaker = Waker()
    let ids: IDSource
    let clock: any Clock<Duration>
    let configuration: ManagerConfiguration
    let logger: Logger

    init(
        configuration: ManagerConfiguration, store: any FleetStore, ids: IDSource, clock: any Clock<Duration>,
        logger: Logger
    ) async throws {
        let timings = configuration.timings
        self.configuration = configuration
        self.store = store
        self.ids = ids
        self.clock = clock
        self.logger = logger
        ledger = try await FleetLedger(store: store, ids: ids)
        planner = Planner(drainSeconds: timings.drainSeconds)
        sightBook = SightBook(ids: ids, workerLostAfter: timings.workerLostAfter)
        hub = StreamHub(keepAlive: timings.keepAlive, clock: clock)
        engineKeys = EngineKeyBook(secret: configuration.installationSecret)
        workerLink = WorkerLink(keys: engineKeys, ids: ids, hub: hub)
        gatewayLink = GatewayLink(ids: ids, hub: hub, gatewayLostAfter: timings.gatewayLostAfter)
        logRelay = LogRelay(link: workerLink, ids: ids)
        lastUse = LastUseBook()
        packages = PackageFolder(path: configuration.packagesPath)
        for record in ledger.current.unreadable {
            logger.error(
                "a stored record cannot be read; it is kept as it is, and the platform works without it",
                metadata: [
                    "table": "\(record.table)", "id": "\(record.id)", "reason": "\(record.reason)",
                    "mend":
                        "stop the platform and correct the row with sqlite3, or restore a backup of the data folder",
                ])
        }
        ledger.observe { [reconcileWaker] _ in reconcileWaker.wake(.tick) }
    }

    var timings: ManagerTimings { configuration.timings }

    /// Removes what a crash left of publications that were never answered.
    func sweepPackages() async {
        // What a record that cannot be read names is not known: nothing is removed then.
        guard ledger.current.unreadable.isEmpty else { return }
        do {
            let named = Set(ledger.current.customBackends.values.map(\.package))
            let count = try await packages.sweep(keeping: named)
            if count > 0 {
                logger.info("removed what is left of unfinished publications", metadata: ["files": "\(count)"])
            }
        } catch {
            logger.error("the packages could not be swept", metadata: ["error": "\(error)"])
        }
    }

    /// All that is known of the fleet now.
    func sight(of fleet: FleetState) -> FleetSight {
        var sight = sightBook.sight(of: fleet)
        sight.drained = gatewayLink.drained
        let leaving = fleet.replicas.values.filter { replica in
            guard replica.intent == .stop, let generation = workerLink.generationWithout(replica.id) else {
                return false
            }
            return sightBook.hasLetGo(replica, since: generation)
        }
        sight.gone = Set(leaving.map(\.id))
        return sight
    }

    /// How a workload stands: as the last plan found it, or judged anew when it has changed since.
    func verdict(on workload: WorkloadRecord, _ fleet: FleetState) -> WorkloadVerdict {
        if let verdict = verdicts.verdict(on: workload) { return verdict }
        if workload.revision == 1, workload.desiredReplicas > 0, fleet.replicas(of: workload.id).isEmpty {
            return .justDeclared(desired: workload.desiredReplicas)
        }
        return planner.verdict(of: workload, fleet, sight(of: fleet))
    }

    /// Builds the Gateways' tables and publishes them if they differ.
    func publishTables(_ snapshot: (fleet: FleetState, commit: Int), _ sight: FleetSight) {
        let fleet = snapshot.fleet
        let tables = GatewayTables.built(
            from: fleet, sight, verdict: { self.verdict(on: $0, fleet) }, keys: engineKeys, now: ids.now())
        let draining = fleet.replicas.values.filter { $0.intent == .drain }.map(\.id)
        gatewayLink.publish(tables, of: snapshot.commit, draining: Set(draining))
    }
}

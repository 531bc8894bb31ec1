import Fleet
import InferenceKeyWire
import Logging
import Planning
import ServiceLifecycle

/// Keeps the fleet equal to what was declared: looks, plans, writes the plan's actions down, tells workers and Gateways.
///
/// Level-triggered: it acts on what is, never on what happened, so that a lost wake-up costs one tick and a repeated one
/// nothing.
///
///     change, observation, report, tick ──▶ plan(state, sight, now) ──▶ one transaction ──▶ assignments, tables, verdicts
final class Reconciler: Service {
    private let core: Core
    private let tick: Duration
    private let clock: any Clock<Duration>
    private let logger: Logger

    init(core: Core, tick: Duration, clock: any Clock<Duration>, logger: Logger) {
        self.core = core
        self.tick = tick
        self.clock = clock
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    while !Task.isCancelled {
                        try? await self.clock.sleep(for: self.tick)
                        self.core.reconcileWaker.wake(.tick)
                    }
                }
                while await self.core.reconcileWaker.next() != nil {
                    let took = await self.pass()
                    // In a large fleet under many changes half of the time is left to everybody else.
                    if took > Self.longPass { try? await self.clock.sleep(for: took) }
                }
                group.cancelAll()
            }
        }
    }

    private static let longPass = Duration.milliseconds(2)

    /// One look at the fleet, and all that follows from it; gives the time it took.
    @discardableResult
    func pass() async -> Duration {
        let start = ContinuousClock.now
        let fleet = core.ledger.current
        let sight = core.sight(of: fleet)
        let plan = core.planner.plan(fleet, sight, now: core.ids.steadyNow())
        let ports = servingPorts(fleet)
        if !plan.actions.isEmpty || !ports.isEmpty { await carryOut(plan.actions, ports) }
        tellEveryone(core.ledger.snapshot, sight, plan)
        let took = ContinuousClock.now - start
        core.metrics.countPass(took: took)
        return took
    }

    /// Writes the plan down. What the fleet has become meanwhile is seen to by each action itself; the commit wakes the
    /// next pass.
    private func carryOut(_ actions: [PlannedAction], _ ports: [(ReplicaID, Int?)]) async {
        do {
            try await core.ledger.transact(as: FleetDraft.system) { draft in
                for action in actions { action.carryOut(&draft) }
                for (id, port) in ports {
                    guard var replica = draft.state.replicas[id] else { continue }
                    replica.servingPort = port
                    draft.apply(.putReplica(replica))
                }
            }
            core.workerLink.refresh(core.ledger.current)
            for action in actions { log(action) }
        } catch {
            logger.error("the plan could not be written down; it is tried again", metadata: ["error": "\(error)"])
        }
    }

    /// Replicas whose port is not the one that is written down, with the port they serve on.
    private func servingPorts(_ fleet: FleetState) -> [(ReplicaID, Int?)] {
        fleet.replicas.values.compactMap { replica in
            guard let seen = core.sightBook.observation(of: replica) else { return nil }
            let port = seen.state == .ready || seen.state == .draining ? seen.port : nil
            return port == replica.servingPort ? nil : (replica.id, port)
        }
    }

    private func tellEveryone(_ snapshot: (fleet: FleetState, commit: Int), _ sight: FleetSight, _ plan: FleetPlan) {
        let fleet = snapshot.fleet
        core.workerLink.refresh(fleet)
        let hasNews = core.verdicts.publish(plan.verdicts, of: fleet)
        core.publishTables(snapshot, sight)
        if hasNews { core.hub.wake(.verdicts) }
        let now = core.ids.now()
        core.hub.endStreams { fleet.credentials[$0]?.isValid(at: now) == true }
    }

    private func log(_ planned: PlannedAction) {
        logger.info(
            "reconciled",
            metadata: [
                "action": "\(planned.action.name)", "subject": "\(planned.action.subject)",
                "reason": "\(planned.reason)",
            ])
    }
}

import Fleet
import InferenceKeyWire
import Planning
import Synchronization

/// The tables every Gateway serves by, and what the Gateways say of the drains.
final class GatewayLink: Sendable {
    private struct Heard {
        var lastHeard: Timestamp
        var tableVersion: Int
        var draining: [ReplicaID: Int]
        /// The id of the credential it speaks with.
        var credentialID: String
    }

    private struct State {
        var tables: GatewayTables
        var isBuilt = false
        /// For a draining replica: the first version of the tables that says so.
        var drainsIn: [ReplicaID: Int] = [:]
        var gateways: [String: Heard] = [:]
    }

    /// A Gateway that was not heard of for this long no longer holds up a drain, milliseconds.
    private let gatewayLostAfter: Int64
    private let startedAt: Timestamp
    private let ids: IDSource
    private let hub: StreamHub
    private let state: Mutex<State>

    init(ids: IDSource, hub: StreamHub, gatewayLostAfter: Duration) {
        self.ids = ids
        self.hub = hub
        self.gatewayLostAfter = gatewayLostAfter.milliseconds
        startedAt = ids.now()
        // Beginning at the time of day, so that versions grow across restarts of the Manager too.
        state = Mutex(State(tables: GatewayTables(version: Int(startedAt.milliseconds))))
    }

    /// The current tables; nil until they were built once, which is not the same as empty ones.
    var tables: GatewayTables? { state.withLock { $0.isBuilt ? $0.tables : nil } }

    /// Takes newly built tables; a new version only when they differ.
    func publish(_ built: GatewayTables, draining: Set<ReplicaID>) {
        let now = Int(ids.now().milliseconds)
        let hasChanged = state.withLock { state in
            var built = built
            built.version = state.tables.version
            let hasChanged = !state.isBuilt || built != state.tables
            if hasChanged {
                built.version = max(state.tables.version + 1, now)
                state.tables = built
                state.isBuilt = true
            }
            for replica in draining where state.drainsIn[replica] == nil {
                state.drainsIn[replica] = state.tables.version
            }
            for replica in state.drainsIn.keys where !draining.contains(replica) { state.drainsIn[replica] = nil }
            return hasChanged
        }
        if hasChanged { hub.wake(.tables) }
    }

    /// Takes a Gateway's report of itself; true when it may move a drain on.
    func record(_ report: GatewayReport, credentialID: String, at now: Timestamp) -> Bool {
        let heard = Heard(
            lastHeard: now, tableVersion: report.tableVersion, draining: report.draining, credentialID: credentialID)
        let (hasNewTables, mayMoveDrain) = state.withLock { state in
            let old = state.gateways.updateValue(heard, forKey: report.gatewayID)
            state.gateways = state.gateways.filter {
                now.milliseconds(since: $0.value.lastHeard) < 10 * gatewayLostAfter
            }
            let hasNewTables = old?.tableVersion != heard.tableVersion
            return (hasNewTables, !state.drainsIn.isEmpty && (old?.draining != heard.draining || hasNewTables))
        }
        if hasNewTables { hub.wake(.gateways) }
        return mayMoveDrain
    }

    /// Whether every live Gateway serves by `version` or a later one.
    func isServed(_ version: Int, now: Timestamp) -> Bool {
        state.withLock { state in
            state.gateways.values.allSatisfy {
                $0.tableVersion >= version || now.milliseconds(since: $0.lastHeard) >= gatewayLostAfter
            }
        }
    }

    /// Draining replicas to which no live Gateway sends anything and which have nothing in flight.
    ///
    /// Right after a start no Gateway has been heard of yet, which does not mean that there is none.
    func drained(now: Timestamp) -> Set<ReplicaID> {
        state.withLock { state in
            let live = state.gateways.values.filter { now.milliseconds(since: $0.lastHeard) < gatewayLostAfter }
            if live.isEmpty, now.milliseconds(since: startedAt) < gatewayLostAfter { return [] }
            return Set(
                state.drainsIn.filter { replica, version in
                    live.allSatisfy { $0.tableVersion >= version && ($0.draining[replica] ?? 0) == 0 }
                }.keys)
        }
    }

    /// What is known of the Gateway that speaks with a credential.
    func lastReport(of credentialID: String) -> (heard: Timestamp, tableVersion: Int)? {
        state.withLock { state in
            state.gateways.values.filter { $0.credentialID == credentialID }.max { $0.lastHeard < $1.lastHeard }
                .map { ($0.lastHeard, $0.tableVersion) }
        }
    }

    func liveCount(now: Timestamp) -> Int {
        state.withLock { state in
            state.gateways.values.filter { now.milliseconds(since: $0.lastHeard) < gatewayLostAfter }.count
        }
    }
}

import Fleet
import InferenceKeyWire
import Planning
import Synchronization

/// The tables every Gateway serves by, and what the Gateways say of the drains.
final class GatewayLink: Sendable {
    private struct Heard {
        /// By the steady clock.
        var lastHeard: Timestamp
        /// By the clock on the wall, for people.
        var heardAt: Timestamp
        var tableVersion: Int
        var draining: [ReplicaID: Int]
        /// The id of the credential it speaks with.
        var credentialID: String
    }

    private struct State {
        var tables: GatewayTables
        var isBuilt = false
        /// The commit that the tables were built from.
        var commit = 0
        /// For a draining replica: the first version of the tables that says so.
        var drainsIn: [ReplicaID: Int] = [:]
        var gateways: [String: Heard] = [:]
    }

    /// A Gateway that was not heard of for this long is lost, milliseconds. It may serve on all the same.
    private let gatewayLostAfter: Int64
    /// A Gateway that was not heard of for this long serves nobody any more, milliseconds.
    private static let forgottenAfter: Int64 = 3_600_000
    /// By the steady clock.
    private let startedAt: Timestamp
    private let ids: IDSource
    private let hub: StreamHub
    private let state: Mutex<State>

    init(ids: IDSource, hub: StreamHub, gatewayLostAfter: Duration) {
        self.ids = ids
        self.hub = hub
        self.gatewayLostAfter = gatewayLostAfter.milliseconds
        startedAt = ids.steadyNow()
        // Beginning at the time of day, so that versions grow across restarts of the Manager too.
        state = Mutex(State(tables: GatewayTables(version: Int(ids.now().milliseconds))))
    }

    /// The current tables; nil until they were built once, which is not the same as empty ones.
    var tables: GatewayTables? { state.withLock { $0.isBuilt ? $0.tables : nil } }

    /// Takes newly built tables; a new version only when they differ. Those of an earlier commit than the published ones
    /// are dropped: who builds slowly must not bring back what was revoked meanwhile.
    func publish(_ built: GatewayTables, of commit: Int, draining: Set<ReplicaID>) {
        let now = Int(ids.now().milliseconds)
        let hasChanged = state.withLock { state in
            guard commit >= state.commit else { return false }
            state.commit = commit
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
    func record(_ report: GatewayReport, credentialID: String) -> Bool {
        let now = ids.steadyNow()
        let heard = Heard(
            lastHeard: now, heardAt: ids.now(), tableVersion: report.tableVersion, draining: report.draining,
            credentialID: credentialID)
        let (hasNewTables, mayMoveDrain) = state.withLock { state in
            let old = state.gateways.updateValue(heard, forKey: report.gatewayID)
            // A lost run of the same Gateway has ended: this one has come in its place.
            state.gateways = state.gateways.filter { _, other in
                let age = now.milliseconds(since: other.lastHeard)
                return age < gatewayLostAfter || age < Self.forgottenAfter && other.credentialID != credentialID
            }
            let hasNewTables = old?.tableVersion != heard.tableVersion
            return (hasNewTables, !state.drainsIn.isEmpty && (old?.draining != heard.draining || hasNewTables))
        }
        if hasNewTables { hub.wake(.gateways) }
        return mayMoveDrain
    }

    /// Whether every live Gateway serves by `version` or a later one.
    func isServed(_ version: Int) -> Bool {
        let now = ids.steadyNow()
        return state.withLock { state in
            state.gateways.values.allSatisfy {
                $0.tableVersion >= version || now.milliseconds(since: $0.lastHeard) >= gatewayLostAfter
            }
        }
    }

    /// Draining replicas to which no Gateway sends anything and which have nothing in flight. A lost Gateway holds a drain
    /// up like a live one, to the drain's deadline: cut off from the Manager it serves on.
    ///
    /// Right after a start no Gateway has been heard of yet, which does not mean that there is none.
    var drained: Set<ReplicaID> {
        let now = ids.steadyNow()
        return state.withLock { state in
            if state.gateways.isEmpty, now.milliseconds(since: startedAt) < gatewayLostAfter { return [] }
            return Set(
                state.drainsIn.filter { replica, version in
                    state.gateways.values.allSatisfy {
                        $0.tableVersion >= version && ($0.draining[replica] ?? 0) == 0
                            || now.milliseconds(since: $0.lastHeard) >= Self.forgottenAfter
                    }
                }.keys)
        }
    }

    /// Forgets a Gateway whose credential has ended.
    func forget(_ credentialID: String) {
        state.withLock { state in
            state.gateways = state.gateways.filter { $0.value.credentialID != credentialID }
        }
    }

    /// What is known of the Gateway that speaks with a credential.
    func lastReport(of credentialID: String) -> (heardAt: Timestamp, isLive: Bool, tableVersion: Int)? {
        let now = ids.steadyNow()
        return state.withLock { state in
            state.gateways.values.filter { $0.credentialID == credentialID }.max { $0.lastHeard < $1.lastHeard }
                .map { ($0.heardAt, now.milliseconds(since: $0.lastHeard) < gatewayLostAfter, $0.tableVersion) }
        }
    }

    var liveCount: Int {
        let now = ids.steadyNow()
        return state.withLock { state in
            state.gateways.values.filter { now.milliseconds(since: $0.lastHeard) < gatewayLostAfter }.count
        }
    }
}

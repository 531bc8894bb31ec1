import Fleet
import InferenceKeyWire

/// One version of the tables, prepared off the loops: each loop is handed a snapshot of its own, so that no two loops
/// count references to the same objects.
struct TableSnapshot: Sendable {
    /// One endpoint, numbered and spelled out in bytes.
    struct Entry: Sendable {
        var route: EndpointRoute
        var tenant: Int
        /// Load counters of the upstreams, in their order; shared by all loops.
        var loads: [ReplicaLoad]
    }

    var version: Int
    var keys: [UInt32: KeyEntry]
    var endpoints: [Entry]
}

/// What outlives one version of the tables and is shared by all loops: the counters of replicas and of keys.
struct SharedCounters {
    private var loads: [ReplicaID: ReplicaLoad] = [:]
    private var meters: [String: KeyMeter] = [:]

    /// Forgets what the new tables no longer name.
    mutating func keepOnly(_ tables: GatewayTables) {
        let replicas = Set(tables.endpoints.flatMap { $0.upstreams.map(\.replicaID) })
        loads = loads.filter { replicas.contains($0.key) }
        let limited = Set(tables.keys.filter { $0.limits != KeyLimits() }.map(\.id))
        meters = meters.filter { limited.contains($0.key) }
        for replica in replicas where loads[replica] == nil { loads[replica] = ReplicaLoad() }
        for key in limited where meters[key] == nil { meters[key] = KeyMeter() }
    }

    func load(of replica: ReplicaID) -> ReplicaLoad { loads[replica] ?? ReplicaLoad() }
    func meter(of key: String) -> KeyMeter? { meters[key] }

    /// Requests open to every draining replica of `tables`.
    func draining(in tables: GatewayTables) -> [ReplicaID: Int] {
        var open: [ReplicaID: Int] = [:]
        for upstream in tables.endpoints.flatMap(\.upstreams) where upstream.isDraining {
            open[upstream.replicaID] = load(of: upstream.replicaID).count
        }
        return open
    }
}

extension TableSnapshot {
    /// Prepares one loop's copy of `tables`.
    init(_ tables: GatewayTables, counters: SharedCounters) {
        var tenants: [TenantID: Int] = [:]
        func number(_ tenant: TenantID) -> Int {
            let next = tenants.count
            return tenants[tenant]
                ?? {
                    tenants[tenant] = next; return next
                }()
        }
        var slugs: [ProjectID: String] = [:]
        for endpoint in tables.endpoints { slugs[endpoint.projectID] = endpoint.projectSlug }
        version = tables.version
        endpoints = tables.endpoints.map { route in
            Entry(
                route: route, tenant: number(route.tenantID),
                loads: route.upstreams.map { counters.load(of: $0.replicaID) })
        }
        keys = [:]
        keys.reserveCapacity(tables.keys.count)
        for key in tables.keys {
            guard let id = KeyID.number(key.id) else { continue }
            keys[id] = KeyEntry(
                key, number: id, tenant: number(key.tenantID),
                projectSlug: key.projectSlug.isEmpty ? slugs[key.projectID] : key.projectSlug,
                meter: counters.meter(of: key.id))
        }
    }
}

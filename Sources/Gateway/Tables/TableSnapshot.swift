import Fleet
import InferenceKeyWire

/// One version of the tables, prepared off the loops: each loop is handed a snapshot of its own, so that no two loops
/// count references to the same objects.
struct TableSnapshot: Sendable {
    /// One endpoint, numbered and spelled out in bytes.
    struct Entry: Sendable {
        var route: EndpointRoute
        var tenant: Int
        /// Shared by all loops, as are those of the upstreams, in their order.
        var standing: EndpointStanding
        var replicas: [ReplicaStanding]
    }

    var version: Int
    var keys: [UInt32: KeyEntry]
    var endpoints: [Entry]
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
        endpoints = tables.endpoints.map { declared in
            var route = declared
            // An upstream that cannot be dialled is none, wherever its port came from.
            route.upstreams.removeAll { !Address(host: $0.host, port: $0.port).hasPort }
            return Entry(
                route: route, tenant: number(route.tenantID), standing: counters.standing(of: EndpointName(route)),
                replicas: route.upstreams.map { counters.standing(of: $0.replicaID) })
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

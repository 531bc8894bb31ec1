import Fleet

/// What outlives one version of the tables and is shared by all loops: the counters of replicas, endpoints and keys.
struct SharedCounters {
    private var replicas: [ReplicaID: ReplicaStanding] = [:]
    private var endpoints: [EndpointName: EndpointStanding] = [:]
    private var meters: [String: KeyMeter] = [:]

    /// Forgets what the new tables no longer name, and makes what they name for the first time.
    mutating func keepOnly(_ tables: GatewayTables) {
        var kept: [ReplicaID: ReplicaStanding] = [:]
        var keptEndpoints: [EndpointName: EndpointStanding] = [:]
        for route in tables.endpoints {
            let name = EndpointName(route)
            var standing = endpoints[name] ?? EndpointStanding()
            standing.meter = route.limits.rate == KeyLimits() ? nil : standing.meter ?? KeyMeter()
            standing.room = route.limits.replicaConcurrency == nil ? nil : standing.room ?? WaitingRoom()
            standing.prefixes = route.routing.policy == .prefix ? standing.prefixes ?? PrefixIndex() : nil
            keptEndpoints[name] = standing
            place(route.upstreams, standing.prefixes, into: &kept)
        }
        replicas = kept
        endpoints = keptEndpoints
        let limited = Set(tables.keys.filter { $0.limits != KeyLimits() }.map(\.id))
        meters = meters.filter { limited.contains($0.key) }
        for key in limited where meters[key] == nil { meters[key] = KeyMeter() }
    }

    /// New replicas take the places that are free, and the index forgets who had them before.
    private func place(
        _ upstreams: [Upstream], _ prefixes: PrefixIndex?, into kept: inout [ReplicaID: ReplicaStanding]
    ) {
        var taken: UInt64 = 0
        for upstream in upstreams {
            guard let known = replicas[upstream.replicaID] else { continue }
            kept[upstream.replicaID] = known
            if let place = known.place { taken |= 1 << UInt64(place) }
        }
        var fresh: UInt64 = 0
        for upstream in upstreams where kept[upstream.replicaID] == nil {
            let free = (~(taken | fresh)).trailingZeroBitCount
            kept[upstream.replicaID] = ReplicaStanding(place: free < PrefixIndex.maxReplicas ? free : nil)
            if free < PrefixIndex.maxReplicas { fresh |= 1 << UInt64(free) }
        }
        prefixes?.forget(fresh)
    }

    func standing(of replica: ReplicaID) -> ReplicaStanding { replicas[replica] ?? ReplicaStanding() }
    func standing(of endpoint: EndpointName) -> EndpointStanding { endpoints[endpoint] ?? EndpointStanding() }
    func meter(of key: String) -> KeyMeter? { meters[key] }

    /// Requests open to every draining replica of `tables`.
    func draining(in tables: GatewayTables) -> [ReplicaID: Int] {
        var open: [ReplicaID: Int] = [:]
        for upstream in tables.endpoints.flatMap(\.upstreams) where upstream.isDraining {
            open[upstream.replicaID] = standing(of: upstream.replicaID).load.count
        }
        return open
    }
}

/// What identifies an endpoint.
struct EndpointName: Sendable, Hashable {
    var project: ProjectID
    var workload: String

    init(_ route: EndpointRoute) {
        project = route.projectID
        workload = route.workloadSlug
    }
}

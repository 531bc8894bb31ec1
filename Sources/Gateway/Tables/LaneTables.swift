import Fleet

/// The keys and endpoints as one loop looks them up.
struct LaneTables {
    private(set) var version = 0
    private var keys: [UInt32: KeyEntry] = [:]
    /// By a hash of tenant, project and workload as they stand in a path; under a hash stand the endpoints to compare.
    private var paths: [UInt64: [Path]] = [:]
    private var endpoints: [EndpointName: Endpoint] = [:]
    private(set) var replicas: [ReplicaID: Replica] = [:]
    /// Endpoints with several replicas, or with a line in front of them: there is something to look after.
    private(set) var watched: [Endpoint] = []
    private var nextSerial: UInt32 = 1

    private struct Path {
        var tenant: Int
        var project: [UInt8]
        var endpoint: Endpoint
    }

    func key(_ id: UInt32) -> KeyEntry? { keys[id] }

    func endpoint(tenant: Int, project: UnsafeRawBufferPointer, workload: UnsafeRawBufferPointer) -> Endpoint? {
        guard let candidates = paths[Self.hash(tenant, project, workload)] else { return nil }
        for path in candidates
        where path.tenant == tenant && project.equals(path.project) && workload.equals(path.endpoint.workloadSlug) {
            return path.endpoint
        }
        return nil
    }

    /// Takes over a new version. Endpoints and replicas that stay keep their objects and their connections.
    mutating func apply(_ snapshot: TableSnapshot) {
        version = snapshot.version
        keys = snapshot.keys
        paths = [:]
        let formerEndpoints = endpoints
        let formerReplicas = replicas
        endpoints = [:]
        replicas = [:]
        for entry in snapshot.endpoints {
            let name = EndpointName(entry.route)
            let endpoint = formerEndpoints[name] ?? makeEndpoint(entry.route)
            var current: [Replica] = []
            for (upstream, standing) in zip(entry.route.upstreams, entry.replicas) {
                current.append(replica(upstream, standing, former: formerReplicas[upstream.replicaID]))
            }
            endpoint.update(entry.route, replicas: current, standing: entry.standing)
            endpoints[name] = endpoint
            for project in [entry.route.projectID.text, entry.route.projectSlug] {
                addPath(Path(tenant: entry.tenant, project: Array(project.utf8), endpoint: endpoint))
            }
        }
        for (name, endpoint) in formerEndpoints where endpoints[name] == nil { endpoint.retire() }
        for (id, replica) in formerReplicas where replicas[id] !== replica {
            replica.isRetired = true
            replica.closeAllIdle()
        }
        watched = endpoints.values.filter { $0.takers.count > 1 || $0.standing.room != nil }
    }

    private mutating func makeEndpoint(_ route: EndpointRoute) -> Endpoint {
        defer { nextSerial &+= 1 }
        return Endpoint(route, serial: nextSerial)
    }

    private mutating func replica(_ upstream: Upstream, _ standing: ReplicaStanding, former: Replica?) -> Replica {
        let isSame = former?.standing === standing && former?.serves(upstream) == true
        let replica = if isSame, let former { former } else { Replica(upstream, standing: standing) }
        replica.update(upstream)
        replicas[upstream.replicaID] = replica
        return replica
    }

    private mutating func addPath(_ path: Path) {
        let hash = path.project.withUnsafeBytes { project in
            path.endpoint.workloadSlug.withUnsafeBytes { Self.hash(path.tenant, project, $0) }
        }
        paths[hash, default: []].append(path)
    }

    /// FNV-1a. The names come from our own tables; a caller's path can only miss.
    private static func hash(
        _ tenant: Int, _ project: UnsafeRawBufferPointer, _ workload: UnsafeRawBufferPointer
    ) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(truncatingIfNeeded: tenant)
        for byte in project { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ 0x2F) &* 0x100_0000_01B3
        for byte in workload { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}

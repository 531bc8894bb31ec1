import Fleet
import InferenceKeyWire
import Planning

extension GatewayTables {
    /// The tables of a fleet as it stands: an endpoint for every workload, its replicas that serve or drain, and every
    /// data key that opens something. The version is left to who publishes them.
    static func built(
        from fleet: FleetState, _ sight: FleetSight, verdict: (WorkloadRecord) -> WorkloadVerdict,
        keys: EngineKeyBook, now: Timestamp
    ) -> GatewayTables {
        let endpoints = fleet.workloads.keys.sorted().compactMap { fleet.workloads[$0] }.compactMap { workload in
            EndpointRoute(of: workload, fleet, sight, verdict: verdict(workload), keys: keys)
        }
        let dataKeys = fleet.credentials.values.filter { $0.kind == .data && $0.isValid(at: now) }.sorted {
            $0.id < $1.id
        }
        return GatewayTables(endpoints: endpoints, keys: dataKeys.compactMap { DataKey(of: $0, fleet) })
    }
}

extension EndpointRoute {
    fileprivate init?(
        of workload: WorkloadRecord, _ fleet: FleetState, _ sight: FleetSight, verdict: WorkloadVerdict,
        keys: EngineKeyBook
    ) {
        guard let project = fleet.projects[workload.projectID] else { return nil }
        let upstreams = fleet.replicas(of: workload.id).compactMap { Upstream(of: $0, workload, sight, keys) }
        // A deleted workload is a route only while requests to it finish.
        if workload.deletingSince != nil, upstreams.isEmpty { return nil }
        let isServed = upstreams.contains { !$0.isDraining }
        self.init(
            tenantID: project.tenantID, projectID: project.id, projectSlug: project.slug, workloadSlug: workload.slug,
            taskType: workload.taskType, modelName: workload.modelName,
            statusReason: isServed ? nil : verdict.reason ?? verdict.message,
            retryAfterMilliseconds: isServed ? nil : Self.retryAfter(verdict), upstreams: upstreams,
            routing: workload.routing, limits: workload.limits)
    }

    /// A workload that is on its way may be there soon; for one that is stopped or failed nobody knows.
    private static func retryAfter(_ verdict: WorkloadVerdict) -> Int? {
        switch verdict.status {
        case .pending, .starting, .degraded:
            let eta = verdict.progress?.etaMilliseconds.map { Int(clamping: $0) }
            return min(max(eta ?? 5000, 1000), ServiceError.maxRetryAfterMilliseconds)
        case .ready: return 1000
        case .failed, .stopped, .deleting: return nil
        }
    }
}

extension Upstream {
    /// Engines are dialled on the loopback of the Gateway's own machine: a Gateway on another machine than the worker
    /// needs the worker's ingress, which is not built yet.
    fileprivate init?(
        of replica: ReplicaRecord, _ workload: WorkloadRecord, _ sight: FleetSight, _ keys: EngineKeyBook
    ) {
        guard replica.intent != .stop, let seen = sight.replicas[replica.id], let port = seen.port,
            seen.state == .ready || seen.state == .draining
        else { return nil }
        self.init(
            replicaID: replica.id, host: "127.0.0.1", port: port, engineKey: keys[replica.id],
            servedName: (replica.engine ?? EngineSpec(of: workload)).servedName,
            isDraining: replica.intent == .drain || seen.state == .draining)
    }
}

extension DataKey {
    fileprivate init?(of record: CredentialRecord, _ fleet: FleetState) {
        guard let project = record.projectID.flatMap({ fleet.projects[$0] }) else { return nil }
        self.init(
            id: record.id, hash: record.hash, tenantID: project.tenantID, projectID: project.id,
            projectSlug: project.slug, grants: record.grants, limits: record.limits, expiresAt: record.expiresAt)
    }
}

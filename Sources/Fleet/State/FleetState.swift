/// The durable state of the fleet as a value in memory. History, audit and usage stay in the store.
package struct FleetState: Sendable, Hashable {
    package private(set) var tenants: [TenantID: Tenant] = [:]
    package private(set) var projects: [ProjectID: Project] = [:]
    package private(set) var credentials: [String: CredentialRecord] = [:]
    package private(set) var workloads: [WorkloadID: WorkloadRecord] = [:]
    package private(set) var replicas: [ReplicaID: ReplicaRecord] = [:]
    package private(set) var workers: [WorkerID: WorkerRecord] = [:]
    package private(set) var customBackends: [CustomBackendID: CustomBackendRecord] = [:]
    /// What the store holds and nobody can read.
    package var unreadable: [UnreadableRecord] = []
    private var projectsBySlug: [ScopedSlug: ProjectID] = [:]
    private var workloadsBySlug: [ScopedSlug: WorkloadID] = [:]
    private var replicasByWorkload: [WorkloadID: Set<ReplicaID>] = [:]

    private struct ScopedSlug: Sendable, Hashable {
        var scope: String
        var slug: String
    }

    package init() {}

    package func project(slug: String, in tenant: TenantID) -> Project? {
        projectsBySlug[ScopedSlug(scope: tenant.text, slug: slug)].flatMap { projects[$0] }
    }

    package func workload(slug: String, in project: ProjectID) -> WorkloadRecord? {
        workloadsBySlug[ScopedSlug(scope: project.text, slug: slug)].flatMap { workloads[$0] }
    }

    /// By slug.
    package func workloads(in project: ProjectID) -> [WorkloadRecord] {
        // Sorting moves what it compares, and the records are large.
        let names = workloads.values.lazy.filter { $0.projectID == project }.map { (slug: $0.slug, id: $0.id) }
        return names.sorted { $0.slug < $1.slug }.compactMap { workloads[$0.id] }
    }

    /// Oldest first.
    package func replicas(of workload: WorkloadID) -> [ReplicaRecord] {
        (replicasByWorkload[workload] ?? []).compactMap { replicas[$0] }.sorted { $0.id < $1.id }
    }

    package func replicas(on worker: WorkerID) -> [ReplicaRecord] {
        replicas.values.filter { $0.workerID == worker }.sorted { $0.id < $1.id }
    }

    /// The published versions of a tenant's custom backends, by slug and then oldest first.
    package func customBackends(of tenant: TenantID) -> [CustomBackendRecord] {
        customBackends.values.filter { $0.tenantID == tenant }
            .sorted { ($0.slug, $0.createdAt, $0.id) < ($1.slug, $1.createdAt, $1.id) }
    }

    package func customBackendSlugs(of tenant: TenantID) -> Set<String> {
        Set(customBackends.values.lazy.filter { $0.tenantID == tenant }.map(\.slug))
    }

    package mutating func apply(_ change: FleetChange) {
        switch change {
        case .putTenant(let tenant): tenants[tenant.id] = tenant
        case .putProject(let project):
            projects[project.id] = project
            projectsBySlug[ScopedSlug(scope: project.tenantID.text, slug: project.slug)] = project.id
        case .removeProject(let id):
            guard let project = projects.removeValue(forKey: id) else { return }
            projectsBySlug[ScopedSlug(scope: project.tenantID.text, slug: project.slug)] = nil
        case .putCredential(let credential): credentials[credential.id] = credential
        case .removeCredential(let id): credentials[id] = nil
        case .putWorkload(let workload):
            workloads[workload.id] = workload
            workloadsBySlug[ScopedSlug(scope: workload.projectID.text, slug: workload.slug)] = workload.id
        case .removeWorkload(let id):
            guard let workload = workloads.removeValue(forKey: id) else { return }
            workloadsBySlug[ScopedSlug(scope: workload.projectID.text, slug: workload.slug)] = nil
        case .putReplica(let replica):
            replicas[replica.id] = replica
            replicasByWorkload[replica.workloadID, default: []].insert(replica.id)
        case .removeReplica(let id):
            guard let replica = replicas.removeValue(forKey: id) else { return }
            replicasByWorkload[replica.workloadID]?.remove(id)
        case .putWorker(let worker): workers[worker.id] = worker
        case .removeWorker(let id): workers[id] = nil
        case .putCustomBackend(let backend): customBackends[backend.id] = backend
        case .addRevision, .addAudit: break
        }
    }
}

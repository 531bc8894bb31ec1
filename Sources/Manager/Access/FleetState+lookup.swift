import Fleet
import InferenceKeyWire

extension FleetState {
    /// The project that an operator names by id or slug.
    func project(named name: String) throws(ServiceError) -> Project {
        if let project = projects[ID(name)] { return project }
        let named = projects.values.filter { $0.slug == name }
        guard named.count <= 1 else {
            throw ServiceError(.conflict, "several tenants have a project \(name); name it by its id")
        }
        guard let project = named.first else {
            throw ServiceError(.notFound, "there is no project \(name); make it with: ik project create \(name)")
        }
        return project
    }

    /// The tenant that an operator names by id or slug.
    func tenant(named name: String) throws(ServiceError) -> Tenant {
        guard let tenant = tenants[ID(name)] ?? tenants.values.first(where: { $0.slug == name }) else {
            throw ServiceError(.notFound, "there is no tenant \(name)")
        }
        return tenant
    }

    /// The worker that an operator names by id or, when only one has it, by name.
    func worker(named name: String) throws(ServiceError) -> WorkerRecord {
        if let worker = workers[ID(name)] { return worker }
        let named = workers.values.filter { $0.name == name }
        guard named.count <= 1 else {
            throw ServiceError(.conflict, "several workers are called \(name); name it by its id")
        }
        guard let worker = named.first else {
            throw ServiceError(.notFound, "there is no worker \(name); see those there are with: ik worker list")
        }
        return worker
    }

    func noWorkload(_ name: String, hint: String) -> ServiceError {
        ServiceError(.workloadNotFound, "there is no workload \(name); \(hint)")
    }
}

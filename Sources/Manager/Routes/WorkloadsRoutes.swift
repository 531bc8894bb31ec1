import Fleet
import InferenceKeyWire

/// The workloads of a project: declare and list.
enum WorkloadsRoutes {
    static let all: [Route] = [create, list]

    private static let create = Route(
        .post, "/api/projects/:project/workloads", .project(.write), "Declare a workload.",
        body: .required(.ref("WorkloadCreate")),
        answers: [
            .json(201, .ref("Workload"), "Made."), .json(200, .ref("Workload"), "It was there with the same spec."),
        ], failures: [.conflict]
    ) { call, project in
        let fields = try WorkloadFields(creating: call.body ?? .null)
        try call.caller.requireAssignment(fields)
        let candidate = try WorkloadRecord(
            creating: fields, in: project.id, published: call.fleet.customBackendSlugs(of: project.tenantID))
        let (record, isNew) = try await call.transact { draft in try Declaration.create(candidate, in: &draft) }
        let view = call.core.view(record, call.core.ledger.current)
        return (isNew ? Reply.created(view) : Reply.ok(view)).with("etag", "\"\(record.revision)\"")
    }

    private static let list = Route(
        .get, "/api/projects/:project/workloads", .project(.read), "The workloads of a project, by slug.",
        query: QueryParameter.page(after: "slug") + [QueryParameter("slug", .string, "Only the one with this slug.")],
        answers: [.json(200, .array(.ref("Workload")), "A bare array; the next page is in the Link header.")]
    ) { call, project in
        let wanted: [WorkloadRecord]
        if let slug = call.query["slug"] {
            wanted = call.fleet.workload(slug: slug, in: project.id).map { [$0] } ?? []
        } else {
            wanted = call.fleet.workloads(in: project.id)
        }
        return try call.page(wanted.filter { $0.deletingSince == nil }, key: \.slug) { call.core.view($0, call.fleet) }
    }
}

extension Caller {
    /// Saying where a workload runs takes a scope of its own.
    func requireAssignment(_ fields: WorkloadFields) throws(ServiceError) {
        let places = [fields.workerID, fields.gpuResourceID].contains { $0 != nil }
        let clears = !fields.cleared.isDisjoint(with: ["worker_id", "gpu_resource_id"])
        guard places || clears, !holds(anyOf: [.assignmentWrite]) else { return }
        throw ServiceError(
            .scopeInsufficient, "\(name) lacks the scope assignment:write, which worker_id and gpu_resource_id need")
    }
}

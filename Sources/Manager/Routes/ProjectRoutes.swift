import Fleet
import InferenceKeyWire

/// Containers of workloads and credentials.
enum ProjectRoutes {
    static let all: [Route] = [list, create, get, delete]

    private static let schema = Schema.answer(
        ("id", .string), ("tenant_id", .string), ("slug", Components.slug), ("created_at", .time),
        ("workloads", .integer))

    private static let list = Route(
        .get, "/api/admin/projects", .operatorOnly, "All projects, by slug.",
        query: [QueryParameter("tenant", .string, "Only of this tenant, by slug or id.")],
        answers: [.json(200, .array(schema), "The projects.")], failures: [.notFound]
    ) { call, _ in
        let tenant = try call.query["tenant"].map { try call.fleet.tenant(named: $0).id }
        let projects = call.fleet.projects.values.filter { tenant == nil || $0.tenantID == tenant }
        return .ok(.array(projects.sorted { $0.slug < $1.slug }.map { view($0, call.fleet) }))
    }

    private static let create = Route(
        .post, "/api/admin/projects", .operatorOnly, "Make a project.",
        body: .required(.body(required: ["slug"], ("slug", Components.slug), ("tenant", .string))),
        answers: [.json(201, schema, "Made."), .json(200, schema, "It was there.")], failures: [.notFound]
    ) { call, _ in
        var fields = call.fields
        let slug = fields.slug("slug")
        let tenantName = fields.string("tenant") ?? FirstStart.defaultTenant
        try fields.finish()
        let (project, isNew) = try await call.transact { draft in
            let tenant = try draft.state.tenant(named: tenantName)
            if let project = draft.state.project(slug: slug, in: tenant.id) { return (project, false) }
            let project = Project(id: draft.ids.id(), tenantID: tenant.id, slug: slug, createdAt: draft.now)
            draft.apply(.putProject(project))
            draft.audit("project.create", project.id.text, ["slug": .string(slug)])
            return (project, true)
        }
        let json = view(project, call.core.ledger.current)
        return isNew ? .created(json) : .ok(json)
    }

    private static let get = Route(
        .get, "/api/admin/projects/:project", .operatorOnly, "One project, by slug or id.",
        answers: [.json(200, schema, "The project.")], failures: [.conflict]
    ) { call, _ in
        .ok(view(try call.fleet.project(named: call.parameter("project")), call.fleet))
    }

    private static let delete = Route(
        .delete, "/api/admin/projects/:project", .operatorOnly,
        "Delete a project that has no workloads; its credentials go with it.", answers: [.noContent],
        failures: [.conflict]
    ) { call, _ in
        let name = call.parameter("project")
        try await call.transact { draft in
            let project = try draft.state.project(named: name)
            try draft.removeProject(project)
        }
        return .noContent
    }

    private static func view(_ project: Project, _ fleet: FleetState) -> JSONValue {
        var object = project.json.objectValue ?? [:]
        object["workloads"] = .int(fleet.workloads(in: project.id).count { $0.deletingSince == nil })
        return .object(object)
    }
}

extension FleetDraft {
    fileprivate mutating func removeProject(_ project: Project) throws(ServiceError) {
        let workloads = state.workloads(in: project.id)
        let live = workloads.filter { $0.deletingSince == nil }
        guard live.isEmpty else {
            throw ServiceError(
                .conflict, "the project \(project.slug) has \(live.count) workloads; delete them first: ik delete")
        }
        guard workloads.isEmpty else {
            throw ServiceError(
                .conflict, "the last workloads of \(project.slug) are still being stopped; try again",
                retryAfterMilliseconds: 1000)
        }
        if let record = state.unreadable.first(where: { $0.owner == project.id.text }) {
            throw ServiceError(
                .conflict,
                "the project \(project.slug) has a workload that cannot be read (\(record.id)); the Manager's log told at "
                    + "its start how to mend it")
        }
        for credential in state.credentials.values where credential.projectID == project.id {
            apply(.removeCredential(id: credential.id))
        }
        apply(.removeProject(project.id))
        audit("project.delete", project.id.text, ["slug": .string(project.slug)])
    }
}

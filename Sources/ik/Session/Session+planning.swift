import Console
import InferenceKey
import InferenceKeyWire

extension Session {
    /// The project of each declared workload: its own, else the named one. Throws where there is none.
    func project(of workload: DeclaredWorkload, in option: ProjectOption) throws(CommandFailure) -> String {
        if let project = workload.spec.project { return project }
        return try project(option)
    }

    /// What `apply` would do to every declared workload, and with `prune` to those that no file declares.
    func plan(
        _ declared: [DeclaredWorkload], in option: ProjectOption, prune: Bool
    ) async throws -> [PlannedWorkload] {
        var planned: [PlannedWorkload] = []
        for workload in declared {
            let project = try project(of: workload, in: option)
            let plan = try await workload.reporting {
                try await self.workloads(in: project).plan(workload.spec)
            }
            planned.append(PlannedWorkload(plan, of: workload, project: project))
        }
        if prune { planned += try await undeclared(declared, in: option) }
        return planned
    }

    /// The workloads of the files' projects that no file declares.
    func undeclared(_ declared: [DeclaredWorkload], in option: ProjectOption) async throws -> [PlannedWorkload] {
        var slugs: [String: Set<String>] = [:]
        for workload in declared { slugs[try project(of: workload, in: option), default: []].insert(workload.slug) }
        var planned: [PlannedWorkload] = []
        for (project, known) in slugs.sorted(by: { $0.key < $1.key }) {
            for live in try await workloads(in: project).list() where !known.contains(live.slug) {
                planned.append(PlannedWorkload(project: project, slug: live.slug, action: .delete))
            }
        }
        return planned
    }
}

extension DeclaredWorkload {
    /// The slug in its one spelling.
    var slug: String { Slug.make(from: spec.slug) ?? spec.slug }

    /// Runs `body`; what the server finds wrong with a field of this workload is told at its line.
    func reporting<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as InferenceKeyError {
            if error.kind == .validation, let problems = problems(error.fields) { throw problems }
            var error = error
            error.message += " (\(location))"
            throw error
        }
    }
}

extension PlannedWorkload {
    /// What the SDK plans, as the command shows it: for a new workload, every declared field.
    init(_ plan: Plan, of workload: DeclaredWorkload, project: String) {
        var changes = plan.changes.map { change in
            Change(field: change.field, from: change.from, to: change.to, effect: change.effect)
        }
        if plan.action == .create {
            changes = (workload.spec.fields.json.objectValue ?? [:]).map {
                Change(field: $0.key, from: .null, to: $0.value)
            }
        }
        self.init(project: project, slug: workload.slug, action: Action(plan.action), changes: changes)
    }
}

extension PlannedWorkload.Action {
    init(_ action: Plan.Action) {
        switch action {
        case .create: self = .create
        case .update: self = .update
        case .none: self = .none
        }
    }
}

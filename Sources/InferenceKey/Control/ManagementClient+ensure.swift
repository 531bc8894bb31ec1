import Transport

extension ManagementClient {
    /// How often `ensure` looks again when somebody else changes the same workload meanwhile.
    static let maxRaces = 8

    /// Makes the declared workload be there. Calling it again with the same spec changes nothing.
    ///
    /// Absent, it is created whatever the policy, except under ``OnDrift/dryRun``. Present and different, the policy
    /// decides: ``OnDrift/reconcile`` patches exactly the fields that differ, ``OnDrift/fail`` throws a validation error
    /// that lists them.
    /// - Throws: a validation or configuration error for a bad spec, before any request.
    @discardableResult
    public func ensure(
        _ spec: WorkloadSpec, onDrift: OnDrift = .reconcile, project: String? = nil
    ) async throws(InferenceKeyError) -> EndpointRef {
        let target = try target(of: spec, project)
        var refusal: InferenceKeyError?
        for _ in 0..<Self.maxRaces {
            guard let live = try await live(target.slug, in: target.project) else {
                // Refused as a conflict, and nothing is there that it could be in conflict with.
                if let refusal { throw refusal }
                switch try await create(target, onDrift) {
                case .success(let done): return done
                case .failure(let conflict): refusal = conflict
                }
                continue
            }
            refusal = nil
            let plan = Drift.plan(from: live, to: spec)
            if plan.action == .none { return reference(live, plan, target) }
            let fields = plan.changes.map(\.field).joined(separator: ", ")
            switch onDrift {
            case .dryRun, .ignore: return reference(live, plan, target)
            case .warn:
                warn("workload \(live.slug) drifted from spec: \(fields)")
                return reference(live, plan, target)
            case .fail:
                throw InferenceKeyError(kind: .validation, message: "workload drifted from spec: \(fields)")
            case .reconcile:
                if let changed = try await patch(live, plan.changes, spec) { return reference(changed, plan, target) }
            }
        }
        throw InferenceKeyError(
            kind: .api, message: "workload \(target.slug) is being changed by somebody else all the time; try again",
            status: ErrorCode.conflict.status, code: ErrorCode.conflict.rawValue)
    }

    /// What `ensure` would do. Changes nothing.
    public func plan(_ spec: WorkloadSpec, project: String? = nil) async throws(InferenceKeyError) -> Plan {
        try await ensure(spec, onDrift: .dryRun, project: project).plan
    }

    private struct Target {
        var spec: WorkloadSpec
        var slug: String
        var project: String
    }

    private func target(of spec: WorkloadSpec, _ project: String?) throws(InferenceKeyError) -> Target {
        let slug = try SpecCheck.validate(spec)
        try checkCredential()
        return Target(
            spec: spec, slug: slug, project: try Settings.required(project: project, spec.project, self.project))
    }

    /// A failure is a conflict: somebody else was faster, and there is something to compare with now.
    private func create(
        _ target: Target, _ onDrift: OnDrift
    ) async throws(InferenceKeyError) -> Result<EndpointRef, InferenceKeyError> {
        if onDrift == .dryRun {
            return .success(
                EndpointRef(projectSlug: target.project, workloadSlug: target.slug, plan: Plan(action: .create)))
        }
        let call = Call("POST", workloadsPath(in: target.project), json: target.spec.fields.json, isReplayable: true)
        do throws(InferenceKeyError) {
            let (head, body) = try await connection.json(call)
            let workload = try Self.workload(body, status: head.status)
            return .success(reference(workload, Plan(action: head.status == 201 ? .create : .none), target))
        } catch {
            if error.status == ErrorCode.conflict.status { return .failure(error) }
            throw error
        }
    }

    /// Nil when the workload has changed or gone since it was read.
    private func patch(
        _ live: Workload, _ changes: [FieldChange], _ spec: WorkloadSpec
    ) async throws(InferenceKeyError) -> Workload? {
        let path = "/api/workloads/\(PathSegment.encode(live.id))"
        do throws(InferenceKeyError) {
            let body = Drift.patch(for: changes, of: spec)
            return try Self.workload(try await connection.patch(path, body: body, ifMatch: live.revision))
        } catch {
            if error.status == ErrorCode.revisionMismatch.status || error.kind == .notFound { return nil }
            throw error
        }
    }

    /// The project may have been given by its id; the workload knows its slug.
    private func reference(_ workload: Workload, _ plan: Plan, _ target: Target) -> EndpointRef {
        let project = workload.projectSlug.isEmpty ? target.project : workload.projectSlug
        return EndpointRef(projectSlug: project, workloadSlug: workload.slug, plan: plan)
    }
}

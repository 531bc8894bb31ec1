import Fleet
import InferenceKeyWire

/// A rule together with what it finds for the handler: a handler is given its subject only once it may have it.
struct Access<Subject: Sendable>: Sendable {
    let rule: AccessRule
    /// Finds the subject, or says why this caller may not have it.
    let admit: @Sendable (Visit, Caller) throws -> Subject
}

extension Access where Subject == Void {
    static var open: Self { Access(rule: .open) { _, _ in } }
    static var operatorOnly: Self { Access(rule: .operatorOnly) { _, _ in } }
}

extension Access where Subject == Project {
    /// The project in the path: by slug or id.
    static func project(_ right: WorkloadRight) -> Self {
        Access(rule: .project(right)) { visit, caller in
            let name = visit.parameter("project")
            guard let own = caller.credential, !caller.isOperator else {
                return try visit.fleet.project(named: name)
            }
            // A project that is not its own looks the same whether it exists or not.
            guard let project = own.projectID.flatMap({ visit.fleet.projects[$0] }),
                project.slug == name || project.id.text == name
            else {
                throw ServiceError(
                    .projectScopeMismatch, "\(caller.name) belongs to another project than \(name)")
            }
            try caller.require(right)
            return project
        }
    }
}

extension Access where Subject == Tenant {
    /// The tenant in the path, by slug or id, for somebody who may publish in it.
    static var publisher: Self {
        Access(rule: .publisher) { visit, caller in
            let name = visit.parameter("tenant")
            guard let own = caller.credential, !caller.isOperator else { return try visit.fleet.tenant(named: name) }
            // A tenant that is not its own looks the same whether it exists or not.
            guard let tenant = own.tenantID.flatMap({ visit.fleet.tenants[$0] }),
                tenant.slug == name || tenant.id.text == name
            else {
                throw ServiceError(.scopeInsufficient, "\(caller.name) belongs to another tenant than \(name)")
            }
            try caller.require(.write)
            return tenant
        }
    }
}

extension Access where Subject == WorkloadRecord {
    /// The workload in the path: by id, or by its slug in the token's own project.
    static func workload(_ right: WorkloadRight) -> Self {
        Access(rule: .workload(right)) { visit, caller in
            let name = visit.parameter("id")
            let found = visit.fleet.workloads[ID(name)]
            if caller.isOperator {
                guard let found else { throw visit.fleet.noWorkload(name, hint: "an operator names it by its id") }
                return found
            }
            guard let own = caller.credential?.projectID, let project = visit.fleet.projects[own] else {
                throw ServiceError(.projectScopeMismatch, "the project of \(caller.name) is gone")
            }
            if let found, found.projectID != own,
                visit.fleet.projects[found.projectID]?.tenantID == project.tenantID
            {
                throw ServiceError(.projectScopeMismatch, "\(caller.name) belongs to another project than \(name)")
            }
            let mine = found?.projectID == own ? found : nil
            let bySlug = visit.fleet.workload(slug: name, in: own).flatMap { $0.deletingSince == nil ? $0 : nil }
            try caller.require(right)
            guard let workload = mine ?? bySlug else {
                throw visit.fleet.noWorkload(name, hint: "see those there are with: ik list")
            }
            return workload
        }
    }
}

extension Access where Subject == WorkerRecord {
    /// The worker whose credential it is.
    static var worker: Self {
        Access(rule: .worker) { visit, caller in
            guard let worker = caller.credential?.workerID.flatMap({ visit.fleet.workers[$0] }) else {
                throw ServiceError(.invalidCredentials, "the worker of \(caller.name) was removed; join it again")
            }
            return worker
        }
    }
}

extension Access where Subject == CredentialRecord {
    static var gateway: Self { own(.gateway) }

    /// A join token of this role.
    static func join(_ role: JoinRole) -> Self {
        let access = own(.join(role))
        return Access(rule: access.rule) { visit, caller in
            let record = try access.admit(visit, caller)
            guard record.joinRole == role else {
                throw ServiceError(
                    .scopeInsufficient, "\(caller.name) lets a \(record.joinRole.rawValue) join, not a \(role.rawValue)"
                )
            }
            return record
        }
    }

    private static func own(_ rule: AccessRule) -> Self {
        Access(rule: rule) { _, caller in
            guard let record = caller.credential else {
                throw ServiceError(.invalidCredentials, "a credential is needed")
            }
            return record
        }
    }
}

extension Caller {
    /// Throws unless it holds a scope for this right.
    func require(_ right: WorkloadRight) throws(ServiceError) {
        guard !holds(anyOf: right.scopes) else { return }
        let needed = right.scopes.map(\.rawValue).joined(separator: " or ")
        throw ServiceError(.scopeInsufficient, "\(name) lacks the scope \(needed)")
    }
}

import Fleet
import InferenceKeyWire

/// Who may use a route.
enum AccessRule: Sendable, Hashable {
    /// Anybody, without a credential.
    case open
    /// A control token of the project in the path that may do this there, or an operator key.
    case project(WorkloadRight)
    /// A control token of the project of the workload in the path that may do this there, or an operator key.
    case workload(WorkloadRight)
    /// A control token of the tenant in the path that may write workloads, or an operator key.
    case publisher
    /// An operator key.
    case operatorOnly
    /// A worker's own credential, for itself.
    case worker
    /// A Gateway's own credential.
    case gateway
    /// A join token, once.
    case join(JoinRole)

    /// The kinds of credential that may be let in.
    var kinds: [CredentialKind] {
        switch self {
        case .open: []
        case .project, .workload, .publisher: [.control, .operatorKey]
        case .operatorOnly: [.operatorKey]
        case .worker: [.worker]
        case .gateway: [.gateway]
        case .join: [.join]
        }
    }

    /// Why a credential of this kind is refused, whoever holds it; nil when it may be let in.
    func refusal(of kind: CredentialKind) -> ErrorCode? {
        if self == .open || kinds.contains(kind) { return nil }
        return self == .operatorOnly && kind == .control ? .scopeInsufficient : .wrongCredentialType
    }
}

/// What a control token wants to do with workloads.
enum WorkloadRight: Sendable, Hashable {
    case read
    case write

    /// The scopes of which one is enough; writing includes reading.
    var scopes: [Scope] {
        switch self {
        case .read: [.workloadRead, .workloadWrite, .assignmentWrite]
        case .write: [.workloadWrite]
        }
    }
}

/// What a join token lets a machine join as. A worker joins one tenant; a Gateway serves all of them.
enum JoinRole: String, Sendable, Hashable, CaseIterable {
    case worker
    case gateway
}

extension CredentialRecord {
    /// A join token without a tenant is a Gateway's.
    var joinRole: JoinRole { tenantID == nil ? .gateway : .worker }
}

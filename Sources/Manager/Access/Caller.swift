import Fleet
import InferenceKeyWire

/// Who makes a request.
struct Caller: Sendable {
    /// Nil on open routes.
    let credential: CredentialRecord?

    /// As history and audit name it: prefix, id, ellipsis.
    var name: String { credential.map { "\($0.kind.prefix)\($0.id)…" } ?? "anyone" }

    var isOperator: Bool { credential?.kind == .operatorKey }

    /// Whether it holds one of the scopes; an operator needs none.
    func holds(anyOf scopes: [Scope]) -> Bool {
        isOperator || credential.map { !Set($0.scopes).isDisjoint(with: scopes) } == true
    }
}

extension Visit {
    /// Who this is, if the rule lets that kind in at all.
    ///
    /// The order is fixed: the shape first, without touching anything; then the kind; only then the stored hash, in
    /// constant time.
    func caller(by rule: AccessRule) throws(ServiceError) -> Caller {
        guard rule != .open else { return Caller(credential: nil) }
        guard let header = header("authorization") else {
            throw Self.invalid("send the credential as: Authorization: Bearer …")
        }
        guard let credential = Self.credential(in: header) else {
            throw Self.invalid("the Authorization header holds no credential of the form Bearer ik_…")
        }
        if rule.refusal(of: credential.kind) == .wrongCredentialType { throw wrongType(credential, rule) }
        let hash = SecretHash(of: credential)
        guard let record = fleet.credentials[credential.id], record.kind == credential.kind,
            record.hash.matches(hash), record.isValid(at: now)
        else { throw Self.invalid("the credential \(credential) is unknown, expired or revoked") }
        core.lastUse.note(record.id, rule.plane, at: now)
        if rule.refusal(of: record.kind) != nil {
            throw ServiceError(
                .scopeInsufficient, "a control token works in its own project; this needs an operator key (ik_admin_)")
        }
        return Caller(credential: record)
    }

    private static func credential(in header: String) -> Credential? {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return Credential(parts[1])
    }

    private static func invalid(_ message: String) -> ServiceError { ServiceError(.invalidCredentials, message) }

    private func wrongType(_ credential: Credential, _ rule: AccessRule) -> ServiceError {
        let wanted = rule.kinds.map { "\($0.title) (\($0.prefix))" }.joined(separator: " or ")
        return ServiceError(
            .wrongCredentialType, "\(credential) is \(credential.kind.title); this needs \(wanted)")
    }
}

extension AccessRule {
    fileprivate var plane: LastUseBook.Plane {
        switch self {
        case .worker, .gateway, .join: .link
        default: .control
        }
    }
}

extension CredentialKind {
    /// The kind in words, with its article.
    var title: String {
        switch self {
        case .control: "a control token"
        case .data: "a data key"
        case .operatorKey: "an operator key"
        case .worker: "a worker's credential"
        case .gateway: "a Gateway's credential"
        case .join: "a join token"
        }
    }
}

import Fleet
import InferenceKeyWire
import Testing

@testable import Manager

/// Everybody who may knock at a Manager, and who should be let in where.
struct Cast {
    struct Refusal {
        let who: String
        let bearer: String?
        let code: ErrorCode
    }

    private let house: ManagerHouse
    private let workload: String
    private var valid: [CredentialKind: Credential] = [:]
    /// A valid token of another project of the same tenant.
    private let neighbour: Credential
    private var revoked: [CredentialKind: Credential] = [:]
    private var expired: [CredentialKind: Credential] = [:]
    /// A valid token of another tenant.
    private let foreigner: Credential
    private let gatewayJoin: Credential

    init(_ house: ManagerHouse) async throws {
        self.house = house
        try await house.makeProject()
        try await house.makeProject("next-door")
        let token = try await house.makeToken()
        workload = try #require(try await house.declare(as: token)["id"]?.stringValue)
        neighbour = try await house.makeToken("next-door")
        _ = try await house.admin("POST", "/api/admin/tenants", ["slug": "abroad"])
        try await house.makeProject("over-there", tenant: "abroad")
        foreigner = try await house.makeToken("over-there")
        let join = try await house.admin("POST", "/api/admin/join-tokens", [:])
        let gatewayJoin = try await house.admin("POST", "/api/admin/join-tokens", ["role": "gateway"])
        self.gatewayJoin = try #require(gatewayJoin["token"]?.stringValue.flatMap { Credential($0) })
        valid = [
            .control: token, .data: try await house.makeKey(), .operatorKey: house.operatorKey, .worker: house.worker,
            .gateway: house.gateway, .join: try #require(join["token"]?.stringValue.flatMap { Credential($0) }),
        ]
        for kind in CredentialKind.allCases {
            revoked[kind] = try await store(kind) { $0.revokedAt = Timestamp(milliseconds: 1) }
            expired[kind] = try await store(kind) { $0.expiresAt = Timestamp(milliseconds: 1) }
        }
    }

    /// Puts a credential like the valid one of its kind into the ledger, changed.
    private func store(_ kind: CredentialKind, _ edit: (inout CredentialRecord) -> Void) async throws -> Credential {
        let credential = house.ids.credential(kind)
        var record = try #require(valid[kind].flatMap { house.service.ledger.current.credentials[$0.id] })
        record.id = credential.id
        record.hash = SecretHash(of: credential)
        edit(&record)
        let changed = record
        try await house.service.ledger.transact(as: "test") { $0.apply(.putCredential(changed)) }
        return credential
    }

    func path(of route: Route) -> String {
        route.path.segments.map { segment in
            switch segment {
            case .word(let word): "/\(word)"
            case .parameter("project"): route.rule == .operatorOnly ? "/no-such-project" : "/acme"
            case .parameter("tenant"): route.rule == .publisher ? "/default" : "/no-such-tenant"
            case .parameter("slug"): "/chat"
            case .parameter("id"): route.path.description.hasPrefix("/api/workloads") ? "/\(workload)" : "/nobody"
            case .parameter: "/unknown"
            }
        }.joined()
    }

    /// Those whom the route lets in.
    func welcome(on route: Route) -> [String?] {
        if route.rule == .open { return [nil, "garbage", valid[.data]?.revealed] }
        if route.rule == .join(.gateway) { return [gatewayJoin.revealed] }
        // Whoever belongs to the tenant may publish for it, whatever the project.
        let others = route.rule == .publisher ? [neighbour.revealed] : []
        return route.rule.kinds.map { valid[$0]?.revealed } + others
    }

    /// Those whom it does not, and what they are told: the table of the specification, written once more.
    func refusals(of route: Route) -> [Refusal] {
        if route.rule == .open { return [] }
        var out = [
            Refusal(who: "nothing", bearer: nil, code: .invalidCredentials),
            Refusal(who: "garbage", bearer: "garbage", code: .invalidCredentials),
        ]
        for kind in CredentialKind.allCases {
            let isWelcome = route.rule.kinds.contains(kind)
            let unknown = house.ids.credential(kind)
            var forged = unknown.revealed
            if let real = valid[kind] {
                forged = Credential(kind: kind, id: real.id, secret: unknown.secret).revealed
                let cut = String(real.revealed.dropLast())
                out.append(Refusal(who: "malformed \(kind)", bearer: cut, code: .invalidCredentials))
                if !isWelcome { out.append(Refusal(who: "\(kind)", bearer: real.revealed, code: code(kind, route))) }
            }
            guard isWelcome else { continue }
            for (who, bearer) in [
                ("unknown", unknown.revealed), ("forged", forged), ("revoked", revoked[kind]?.revealed),
                ("expired", expired[kind]?.revealed),
            ] {
                out.append(Refusal(who: "\(who) \(kind)", bearer: bearer, code: .invalidCredentials))
            }
            if route.rule == .publisher {
                out.append(Refusal(who: "another tenant", bearer: foreigner.revealed, code: .scopeInsufficient))
            } else if kind == .control {
                out.append(Refusal(who: "another project", bearer: neighbour.revealed, code: .projectScopeMismatch))
            }
        }
        return out
    }

    private func code(_ kind: CredentialKind, _ route: Route) -> ErrorCode {
        ["/api/admin", "/api/tenants"].contains(where: route.path.description.hasPrefix) && kind == .control
            ? .scopeInsufficient : .wrongCredentialType
    }
}

package import Fleet
package import InferenceKeyWire

/// What a platform makes sure of at every start: it changes nothing when everything is there.
package struct FirstStart: Sendable {
    package static let defaultTenant = "default"
    private let ledger: FleetLedger

    init(ledger: FleetLedger) { self.ledger = ledger }

    /// The tenant `default`.
    package func ensureTenant() async throws -> Tenant {
        try await ledger.transact(as: FleetDraft.system) { $0.ensureTenant(Self.defaultTenant).0 }
    }

    /// The operator key that stands in the data folder. One that stood there before opens nothing any more.
    package func ensureOperator(_ credential: Credential, name: String = "operator.key") async throws {
        try await ledger.transact(as: FleetDraft.system) { draft in
            draft.ensure(
                CredentialRecord(
                    id: credential.id, kind: .operatorKey, hash: SecretHash(of: credential), name: name,
                    createdAt: draft.now))
        }
    }

    /// The Gateway of this machine.
    package func ensureGateway(_ credential: Credential, name: String = "local") async throws {
        try await ledger.transact(as: FleetDraft.system) { draft in
            draft.ensure(
                CredentialRecord(
                    id: credential.id, kind: .gateway, hash: SecretHash(of: credential), name: name,
                    createdAt: draft.now))
        }
    }

    /// The worker of this machine, in the tenant `default`. With a new credential it is still the same worker, as long
    /// as its name is: its replicas are adopted.
    package func ensureWorker(_ credential: Credential, name: String = "local") async throws -> WorkerID {
        try await ledger.transact(as: FleetDraft.system) { draft in
            let tenant = draft.ensureTenant(Self.defaultTenant).0
            let worker = draft.ensureWorker(name, in: tenant.id, credentialID: credential.id)
            draft.ensure(
                CredentialRecord(
                    id: credential.id, kind: .worker, hash: SecretHash(of: credential), name: name,
                    tenantID: tenant.id, workerID: worker.id, createdAt: draft.now))
            return worker.id
        }
    }
}

extension FleetDraft {
    fileprivate mutating func ensureWorker(_ name: String, in tenant: TenantID, credentialID: String) -> WorkerRecord {
        let known = state.credentials[credentialID]?.workerID.flatMap { state.workers[$0] }
        let named = state.workers.values.filter { $0.name == name && $0.tenantID == tenant }.min { $0.id < $1.id }
        if let worker = known ?? named { return worker }
        let worker = WorkerRecord(id: ids.id(), tenantID: tenant, name: name, createdAt: now)
        apply(.putWorker(worker))
        audit("worker.join", worker.id.text, ["name": .string(name)])
        return worker
    }

    /// Stores the credential unless it is stored; others of its kind and name are ended.
    fileprivate mutating func ensure(_ wanted: CredentialRecord) {
        for var other in state.credentials.values
        where other.kind == wanted.kind && other.name == wanted.name && other.id != wanted.id && other.revokedAt == nil
        {
            other.revokedAt = now
            apply(.putCredential(other))
            audit("credential.revoke", other.id, ["reason": "another one stands in its place"])
        }
        let stored = state.credentials[wanted.id]
        guard
            stored?.hash != wanted.hash || stored?.kind != wanted.kind || stored?.isValid(at: now) != true
                || stored?.workerID != wanted.workerID
        else { return }
        apply(.putCredential(wanted))
        audit("credential.create", wanted.id, ["kind": .string(wanted.kind.rawValue), "name": .optional(wanted.name)])
    }
}

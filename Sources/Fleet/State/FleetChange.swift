/// One change of the fleet's durable state; a transaction is a list of them.
package enum FleetChange: Sendable, Hashable {
    case putTenant(Tenant)
    case putProject(Project)
    case removeProject(ProjectID)
    case putCredential(CredentialRecord)
    case removeCredential(id: String)
    case putWorkload(WorkloadRecord)
    /// Takes its revisions with it.
    case removeWorkload(WorkloadID)
    case putReplica(ReplicaRecord)
    case removeReplica(ReplicaID)
    case putWorker(WorkerRecord)
    case removeWorker(WorkerID)
    case putCustomBackend(CustomBackendRecord)
    case addRevision(RevisionRecord)
    case addAudit(AuditEntry)
}

import Fleet
import GRDB
import InferenceKeyWire

extension FleetChange {
    /// Writes the change within the open transaction.
    func write(to db: Database) throws {
        switch self {
        case .putTenant(let tenant): try NounTable.tenants.put(tenant.id.text, tenant.json, db)
        case .putProject(let project):
            try NounTable.projects.put(
                project.id.text, project.json, db, owner: ("tenant_id", project.tenantID.text))
        case .removeProject(let id): try NounTable.projects.remove(id.text, db)
        case .putCredential(let credential): try NounTable.credentials.put(credential.id, credential.json, db)
        case .removeCredential(let id): try NounTable.credentials.remove(id, db)
        case .putWorkload(let workload):
            try NounTable.workloads.put(
                workload.id.text, workload.json, db, owner: ("project_id", workload.projectID.text))
        case .removeWorkload(let id):
            // Those that could be read are gone already.
            try db.execute(sql: "DELETE FROM replicas WHERE workload_id = ?", arguments: [id.text])
            try NounTable.workloads.remove(id.text, db)
        case .putReplica(let replica):
            try NounTable.replicas.put(
                replica.id.text, replica.json, db, owner: ("workload_id", replica.workloadID.text))
        case .removeReplica(let id): try NounTable.replicas.remove(id.text, db)
        case .putWorker(let worker): try NounTable.workers.put(worker.id.text, worker.json, db)
        case .removeWorker(let id): try NounTable.workers.remove(id.text, db)
        case .putCustomBackend(let backend):
            try NounTable.customBackends.put(
                backend.id.text, backend.json, db, owner: ("tenant_id", backend.tenantID.text))
        case .addRevision(let revision): try RevisionRows.add(revision, db)
        case .addAudit(let entry): try AuditRows.add(entry, db)
        }
    }
}

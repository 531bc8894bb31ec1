import Fleet
import GRDB
import InferenceKeyWire

/// One table per noun: its id, and the record as JSON. In the order in which one refers to another.
enum NounTable: String, CaseIterable {
    case tenants, projects, credentials, workloads, workers, replicas, customBackends = "custom_backends"

    /// Every record, as the change that puts it there.
    func load(_ db: Database) throws -> [FleetChange] {
        let rows = try Row.fetchAll(db, sql: "SELECT id, body FROM \(rawValue) ORDER BY id")
        return try rows.map { row in
            let body: String = row[1]
            do {
                return try change(JSONValue(parsing: body))
            } catch {
                throw StoreProblem("the record \(row[0] as String) of the table \(rawValue) cannot be read: \(error)")
            }
        }
    }

    private func change(_ json: JSONValue) throws -> FleetChange {
        switch self {
        case .tenants: .putTenant(try Tenant(json: json))
        case .projects: .putProject(try Project(json: json))
        case .credentials: .putCredential(try CredentialRecord(json: json))
        case .workloads: .putWorkload(try WorkloadRecord(json: json))
        case .workers: .putWorker(try WorkerRecord(json: json))
        case .replicas: .putReplica(try ReplicaRecord(json: json))
        case .customBackends: .putCustomBackend(try CustomBackendRecord(json: json))
        }
    }

    func put(_ id: String, _ body: JSONValue, _ db: Database, owner: (column: String, id: String)? = nil) throws {
        let columns = owner.map { ", \($0.column)" } ?? ""
        let values = owner == nil ? "" : ", ?"
        let updates = owner.map { ", \($0.column) = excluded.\($0.column)" } ?? ""
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO \(rawValue) (id, body\(columns)) VALUES (?, ?\(values))
                ON CONFLICT (id) DO UPDATE SET body = excluded.body\(updates)
                """)
        try statement.execute(arguments: StatementArguments([id, body.text] + (owner.map { [$0.id] } ?? [])))
    }

    func remove(_ id: String, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM \(rawValue) WHERE id = ?").execute(arguments: [id])
    }
}

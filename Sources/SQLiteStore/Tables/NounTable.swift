import Fleet
import GRDB
import InferenceKeyWire

/// One table per noun: its id, and the record as JSON. In the order in which one refers to another.
enum NounTable: String, CaseIterable {
    case tenants, projects, credentials, workloads, workers, replicas, customBackends = "custom_backends"

    /// The column that names what a record belongs to.
    private var ownerColumn: String {
        switch self {
        case .projects, .customBackends: "tenant_id"
        case .workloads: "project_id"
        case .replicas: "workload_id"
        case .tenants, .credentials, .workers: "NULL"
        }
    }

    /// Puts every record into the state; one that cannot be read is noted there and holds up nothing.
    func load(_ db: Database, into state: inout FleetState) throws {
        let rows = try Row.fetchAll(db, sql: "SELECT id, body, \(ownerColumn) FROM \(rawValue) ORDER BY id")
        for row in rows {
            let body: String = row[1]
            do {
                state.apply(try change(JSONValue(parsing: body)))
            } catch {
                state.unreadable.append(
                    UnreadableRecord(table: rawValue, id: row[0], owner: row[2], reason: "\(error)"))
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

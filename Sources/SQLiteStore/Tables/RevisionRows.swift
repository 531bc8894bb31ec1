import Fleet
import GRDB
import InferenceKeyWire

/// The history of workloads.
enum RevisionRows {
    static func add(_ revision: RevisionRecord, _ db: Database) throws {
        try db.cachedStatement(sql: "INSERT INTO revisions (workload_id, revision, body) VALUES (?, ?, ?)")
            .execute(arguments: [revision.workloadID.text, revision.revision, revision.json.text])
    }

    static func load(_ workload: WorkloadID, _ db: Database) throws -> [RevisionRecord] {
        let bodies = try String.fetchAll(
            db, sql: "SELECT body FROM revisions WHERE workload_id = ? ORDER BY revision", arguments: [workload.text])
        return try bodies.map { try RevisionRecord(workloadID: workload, json: JSONValue(parsing: $0)) }
    }
}

extension RevisionRecord {
    fileprivate init(workloadID: WorkloadID, json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        let changes = fields.array("changes") ?? []
        self.init(
            workloadID: workloadID, revision: fields.int("revision", required: true) ?? 0,
            at: fields.timestamp("at", required: true) ?? Timestamp(milliseconds: 0), by: fields.string("by") ?? "",
            changes: changes.map {
                FieldChange(
                    field: $0["field"]?.stringValue ?? "", from: $0["from"] ?? .null, to: $0["to"] ?? .null)
            })
        try fields.finish(allowingUnknown: true)
    }
}

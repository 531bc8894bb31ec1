import Fleet
import GRDB
import InferenceKeyWire

/// The audit log.
enum AuditRows {
    /// The newest entries that are kept.
    static let maxEntries = 500_000

    static let prune = "DELETE FROM audit WHERE number <= (SELECT max(number) FROM audit) - \(maxEntries)"

    static func add(_ entry: AuditEntry, _ db: Database) throws {
        try db.cachedStatement(sql: "INSERT INTO audit (id, body) VALUES (?, ?)")
            .execute(arguments: [entry.id, entry.json.text])
    }

    static func load(after id: String?, limit: Int, _ db: Database) throws -> [AuditEntry] {
        let bodies = try String.fetchAll(
            db,
            sql: """
                SELECT body FROM audit
                WHERE ?1 IS NULL OR number < (SELECT number FROM audit WHERE id = ?1)
                ORDER BY number DESC LIMIT ?2
                """, arguments: [id, limit])
        return try bodies.map { try AuditEntry(json: JSONValue(parsing: $0)) }
    }
}

extension AuditEntry {
    fileprivate init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        self.init(
            id: fields.string("id", required: true) ?? "",
            at: fields.timestamp("at", required: true) ?? Timestamp(milliseconds: 0),
            actor: fields.string("actor") ?? "", action: fields.string("action") ?? "",
            subject: fields.string("subject") ?? "", detail: json["detail"] ?? .null)
        try fields.finish(allowingUnknown: true)
    }
}

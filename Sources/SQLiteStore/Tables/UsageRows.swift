import Fleet
import GRDB
import InferenceKeyWire
import Manager

/// What was used, and which reports of it were counted.
enum UsageRows {
    /// A Gateway's run that has not reported for this long is forgotten, milliseconds.
    static let reportLife: Int64 = 30 * 86_400_000

    static func add(_ records: [UsageRecord], of report: UsageReport, _ db: Database) throws -> Bool {
        let last = try Int.fetchOne(
            db, sql: "SELECT sequence FROM usage_reports WHERE gateway_id = ?", arguments: [report.run])
        if let last, report.sequence <= last { return false }
        let now = Timestamp.now.milliseconds
        try db.execute(sql: "DELETE FROM usage_reports WHERE at < ?", arguments: [now - reportLife])
        try db.cachedStatement(
            sql: """
                INSERT INTO usage_reports (gateway_id, sequence, at) VALUES (?, ?, ?)
                ON CONFLICT (gateway_id) DO UPDATE SET sequence = excluded.sequence, at = excluded.at
                """
        ).execute(arguments: [report.run, report.sequence, now])
        for record in records { try add(record, db) }
        return true
    }

    private static func add(_ record: UsageRecord, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO usage (day, project_id, workload_slug, key_id, estimated, requests, failed_requests,
                  tokens_in, tokens_out, milliseconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET requests = requests + excluded.requests,
                  failed_requests = failed_requests + excluded.failed_requests,
                  tokens_in = tokens_in + excluded.tokens_in, tokens_out = tokens_out + excluded.tokens_out,
                  milliseconds = milliseconds + excluded.milliseconds
                """
        ).execute(arguments: [
            record.day, record.projectID.text, record.workloadSlug, record.keyID, record.isEstimated,
            record.requests, record.failedRequests, record.tokensIn, record.tokensOut, record.milliseconds,
        ])
    }

    static func load(_ filter: UsageFilter, _ db: Database) throws -> [UsageRecord] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT day, project_id, workload_slug, key_id, estimated, requests, failed_requests, tokens_in,
                  tokens_out, milliseconds FROM usage
                WHERE (?1 IS NULL OR project_id = ?1) AND (?2 IS NULL OR workload_slug = ?2)
                  AND (?3 IS NULL OR key_id = ?3) AND (?4 IS NULL OR day >= ?4) AND (?5 IS NULL OR day <= ?5)
                ORDER BY day, project_id, workload_slug, key_id, estimated
                """,
            arguments: [
                filter.projectID?.text, filter.workloadSlug, filter.keyID, filter.fromDay, filter.toDay,
            ])
        return rows.map { row in
            UsageRecord(
                day: row[0], projectID: ID(row[1]), workloadSlug: row[2], keyID: row[3], isEstimated: row[4],
                requests: row[5], failedRequests: row[6], tokensIn: row[7], tokensOut: row[8], milliseconds: row[9])
        }
    }
}

import Files
package import Fleet
import GRDB
import InferenceKeyWire
package import Manager

/// The fleet's journal in one SQLite file: write-ahead log, flushed at every commit, one writer.
///
/// Only one process may have it open; a file of a newer version is refused rather than guessed at.
package final class SQLiteStore: FleetStore {
    let pool: DatabasePool
    private let lock: FileLock

    /// Opens the file, makes it if there is none, and brings it up to this version. `maxBytes` caps the file's size.
    package init(path: String, maxBytes: Int? = nil) throws(StoreProblem) {
        lock = try Self.lock(path)
        do {
            // SQLite's other files take after it.
            try PrivateFile.ensure(path)
            pool = try DatabasePool(path: path, configuration: Self.configuration(path: path, maxBytes: maxBytes))
            try pool.writeWithoutTransaction { db in
                // GRDB sets NORMAL for a write-ahead log, which may lose the last commits with the power.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try Migration.apply(to: db)
                try db.execute(sql: AuditRows.prune)
            }
        } catch {
            throw StoreProblem(opening: path, error)
        }
    }

    /// Keeps other processes out.
    private static func lock(_ path: String) throws(StoreProblem) -> FileLock {
        do {
            if let lock = try FileLock(path + "-lock") { return lock }
        } catch {
            throw StoreProblem("\(error)")
        }
        throw StoreProblem(
            "the database \(path) is in use by another platform; stop that one, or choose another --data folder")
    }

    private static func configuration(path: String, maxBytes: Int?) -> Configuration {
        var configuration = Configuration()
        configuration.label = "fleet"
        configuration.maximumReaderCount = 2
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            try Migration.refuseNewer(db, path: path)
            guard let maxBytes, !db.configuration.readonly else { return }
            let pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
            try db.execute(sql: "PRAGMA max_page_count = \(max(1, maxBytes / pageSize))")
        }
        return configuration
    }
}

extension SQLiteStore {
    package func load() async throws -> FleetState {
        try await read { db in
            var state = FleetState()
            for table in NounTable.allCases { try table.load(db, into: &state) }
            return state
        }
    }

    package func commit(_ transactions: [[FleetChange]]) async throws {
        try await write { db in
            for change in transactions.joined() { try change.write(to: db) }
        }
    }

    package func revisions(of workload: WorkloadID) async throws -> [RevisionRecord] {
        try await read { db in try RevisionRows.load(workload, db) }
    }

    package func audit(after id: String?, limit: Int) async throws -> [AuditEntry] {
        try await read { db in try AuditRows.load(after: id, limit: limit, db) }
    }

    package func prune() async throws { try await write { db in try db.execute(sql: AuditRows.prune) } }

    package func addUsage(_ records: [UsageRecord], of report: UsageReport) async throws -> Bool {
        try await write { db in try UsageRows.add(records, of: report, db) }
    }

    package func usage(_ filter: UsageFilter) async throws -> [UsageRecord] {
        try await read { db in try UsageRows.load(filter, db) }
    }
}

extension SQLiteStore {
    /// Runs to its end also when the calling task is cancelled: others share the transaction.
    private func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncWriteWithoutTransaction { db in
                let result = Result {
                    var value: Value?
                    try db.inTransaction(.immediate) {
                        value = try body(db)
                        return .commit
                    }
                    guard let value else { throw StoreProblem("a transaction ended without a value") }
                    return value
                }
                continuation.resume(with: result.mapError(StoreProblem.translate))
            }
        }
    }

    private func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.read(body)
        } catch {
            throw StoreProblem.translate(error)
        }
    }
}

import GRDB

/// The steps from each version of the database to the next. They are numbered, only ever added to, and only go forward.
enum Migration {
    /// What turns version `n` into version `n + 1`, by `n`.
    static let steps: [String] = [version1, version2]

    /// The version this program works with; SQLite keeps it as `user_version`.
    static var current: Int { steps.count }

    /// Throws for a database of a newer program, before anything of it is touched.
    static func refuseNewer(_ db: Database, path: String) throws {
        let found = try version(db)
        guard found <= current else {
            throw StoreProblem(
                "\(path) is of version \(found) and this program knows up to version \(current); "
                    + "start the newer program that made it, or restore a backup from before the upgrade")
        }
    }

    /// Brings the database to the current version, every step in a transaction of its own.
    static func apply(to db: Database) throws {
        for (number, step) in steps.enumerated().dropFirst(try version(db)) {
            try db.inTransaction(.immediate) {
                try db.execute(sql: step)
                try db.execute(sql: "PRAGMA user_version = \(number + 1)")
                return .commit
            }
        }
    }

    private static func version(_ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    }

    private static let version1 = """
        CREATE TABLE tenants (id TEXT PRIMARY KEY NOT NULL, body TEXT NOT NULL) STRICT;
        CREATE TABLE projects (id TEXT PRIMARY KEY NOT NULL, body TEXT NOT NULL,
          tenant_id TEXT NOT NULL REFERENCES tenants (id) DEFERRABLE INITIALLY DEFERRED) STRICT;
        CREATE TABLE credentials (id TEXT PRIMARY KEY NOT NULL, body TEXT NOT NULL) STRICT;
        CREATE TABLE workloads (id TEXT PRIMARY KEY NOT NULL, body TEXT NOT NULL,
          project_id TEXT NOT NULL REFERENCES projects (id) DEFERRABLE INITIALLY DEFERRED) STRICT;
        CREATE TABLE workers (id TEXT PRIMARY KEY NOT NULL, body TEXT NOT NULL) STRICT;
        CREATE TABLE replicas (id TEXT PRIMARY KEY NOT NULL, body TEXT NOT NULL,
          workload_id TEXT NOT NULL REFERENCES workloads (id) DEFERRABLE INITIALLY DEFERRED) STRICT;
        CREATE INDEX replicas_of_workload ON replicas (workload_id);
        CREATE INDEX workloads_of_project ON workloads (project_id);
        CREATE TABLE revisions (
          workload_id TEXT NOT NULL REFERENCES workloads (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
          revision INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (workload_id, revision)) STRICT;
        CREATE TABLE audit (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, body TEXT NOT NULL) STRICT;
        CREATE TABLE usage (day TEXT NOT NULL, project_id TEXT NOT NULL, workload_slug TEXT NOT NULL,
          key_id TEXT NOT NULL, requests INTEGER NOT NULL, failed_requests INTEGER NOT NULL,
          tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, milliseconds INTEGER NOT NULL,
          PRIMARY KEY (day, project_id, workload_slug, key_id)) STRICT;
        CREATE TABLE usage_reports (gateway_id TEXT PRIMARY KEY NOT NULL, sequence INTEGER NOT NULL,
          at INTEGER NOT NULL) STRICT;
        """

    /// Custom backends; and usage tells apart what engines said from what was estimated.
    private static let version2 = """
        CREATE TABLE custom_backends (id TEXT PRIMARY KEY NOT NULL, body TEXT NOT NULL,
          tenant_id TEXT NOT NULL REFERENCES tenants (id) DEFERRABLE INITIALLY DEFERRED) STRICT;
        CREATE TABLE usage_by_source (day TEXT NOT NULL, project_id TEXT NOT NULL, workload_slug TEXT NOT NULL,
          key_id TEXT NOT NULL, estimated INTEGER NOT NULL, requests INTEGER NOT NULL,
          failed_requests INTEGER NOT NULL, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL,
          milliseconds INTEGER NOT NULL,
          PRIMARY KEY (day, project_id, workload_slug, key_id, estimated)) STRICT;
        INSERT INTO usage_by_source SELECT day, project_id, workload_slug, key_id, 0, requests, failed_requests,
          tokens_in, tokens_out, milliseconds FROM usage;
        DROP TABLE usage;
        ALTER TABLE usage_by_source RENAME TO usage;
        """
}

import Fleet
import Foundation
import GRDB
import InferenceKeyWire
import Manager
import Testing

@testable import SQLiteStore

@Suite("A database file")
struct SQLiteFileTests {
    private let sample = Sample()

    @Test("keeps everything across a restart")
    func reopen() async throws {
        try await withFolder { folder in
            let path = folder + "/fleet.db"
            try await SQLiteStore(path: path).commit([sample.changes])
            let store = try SQLiteStore(path: path)
            #expect(try await store.load().workloads[sample.workload.id] == sample.workload)
        }
    }

    @Test("is flushed at every commit, is private, and is at the current version")
    func settings() async throws {
        try await withFolder { folder in
            let path = folder + "/fleet.db"
            let store = try SQLiteStore(path: path)
            let pragmas = try await store.pool.writeWithoutTransaction { db in
                try ["synchronous", "foreign_keys", "user_version"].map {
                    try Int.fetchOne(db, sql: "PRAGMA \($0)")
                }
            }
            #expect(pragmas == [2, 1, Migration.current])
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test("of a newer program is refused, with both versions, and left as it is")
    func newer() async throws {
        try await withFolder { folder in
            let path = folder + "/fleet.db"
            let queue = try DatabaseQueue(path: path)
            try await queue.write { db in try db.execute(sql: "PRAGMA user_version = 99") }
            try queue.close()
            let error = #expect(throws: StoreProblem.self) { try SQLiteStore(path: path) }
            let text = error?.description ?? ""
            #expect(text.contains("version 99") && text.contains("version \(Migration.current)"))
            #expect(text.contains("newer program"))
            let tables = try await DatabaseQueue(path: path).read { db in
                try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master")
            }
            #expect(tables == 0)
        }
    }

    @Test("of every earlier version is brought to this one, with what was used in it", arguments: 1..<Migration.current)
    func migration(_ version: Int) async throws {
        try await withFolder { folder in
            let path = folder + "/fleet.db"
            let queue = try DatabaseQueue(path: path)
            try await queue.write { db in
                for step in Migration.steps.prefix(version) { try db.execute(sql: step) }
                try db.execute(sql: "PRAGMA user_version = \(version)")
                try db.execute(
                    sql: "INSERT INTO tenants (id, body) VALUES (?, ?)", arguments: ["tn_1", sample.tenant.json.text])
                try db.execute(
                    sql: """
                        INSERT INTO usage (day, project_id, workload_slug, key_id, requests, failed_requests, tokens_in,
                          tokens_out, milliseconds) VALUES ('2026-11-24', 'pr_1', 'chat', 'k1', 3, 1, 5, 7, 9)
                        """)
            }
            try queue.close()
            let store = try SQLiteStore(path: path)
            #expect(try await store.load().tenants.count == 1)
            let used = try await store.usage(UsageFilter())
            #expect(used.count == 1 && used[0].requests == 3 && used[0].milliseconds == 9 && !used[0].isEstimated)
            let backend = CustomBackendRecord(
                id: ID("cb_1"), tenantID: sample.tenant.id, slug: "s", version: "1", name: "S",
                taskType: .classification, entrypoint: "s:S", package: ContentHash.Builder().hash, sizeBytes: 3,
                createdAt: Sample.time)
            try await store.commit([[.putCustomBackend(backend)]])
            #expect(try await store.load().customBackends == [backend.id: backend])
        }
    }

    @Test("with a record that cannot be read is used without it, keeps it, and says which", arguments: [true, false])
    func unreadable(isTooDeep: Bool) async throws {
        try await withFolder { folder in
            let store = try SQLiteStore(path: folder + "/fleet.db")
            try await store.commit([sample.changes])
            let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
            let body = isTooDeep ? "{\"id\": \"rp_1\", \"engine\": \(deep)}" : "{\"id\": 7}"
            try await store.pool.write { db in
                try db.execute(sql: "UPDATE replicas SET body = ?", arguments: [body])
            }
            let state = try await store.load()
            #expect(state.workloads.count == 1 && state.replicas.isEmpty)
            #expect(state.unreadable.map(\.table) == ["replicas"] && state.unreadable.first?.id == "rp_1")
            #expect(state.unreadable.first?.owner == "wl_1" && state.unreadable.first?.reason.isEmpty == false)
            let kept = try await store.pool.read { db in try String.fetchOne(db, sql: "SELECT body FROM replicas") }
            #expect(kept == body)
            try await store.commit([[.removeWorkload(sample.workload.id)]])
            #expect(try await store.load().unreadable.isEmpty)
        }
    }

    @Test("is opened by one platform at a time")
    func locked() async throws {
        try await withFolder { folder in
            let path = folder + "/fleet.db"
            let first = try SQLiteStore(path: path)
            let error = #expect(throws: StoreProblem.self) { try SQLiteStore(path: path) }
            #expect(error?.description.contains("in use by another platform") == true)
            #expect(try await first.load() == FleetState())
        }
    }

    @Test("that is something else is refused")
    func notADatabase() async throws {
        try await withFolder { folder in
            let path = folder + "/fleet.db"
            try String(repeating: "no database ", count: 400).write(toFile: path, atomically: true, encoding: .utf8)
            let error = #expect(throws: StoreProblem.self) { try SQLiteStore(path: path) }
            #expect(error?.description.contains("is no SQLite database") == true)
        }
    }

    @Test("that is full refuses a change whole, goes on answering, and recovers")
    func full() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore(path: folder + "/fleet.db", maxBytes: 400_000)
            try await store.commit([sample.changes])
            var big = sample.workload
            big.description = String(repeating: "x", count: 500_000)
            let changes: [FleetChange] = [.putTenant(Tenant(id: ID("tn_2"), slug: "two", createdAt: Sample.time))]
            await #expect(throws: ServiceError.self) { try await store.commit([changes, [.putWorkload(big)]]) }
            let kept = try await store.load()
            #expect(kept.tenants.count == 1 && kept.workloads[big.id] == sample.workload)
            do {
                try await store.commit([[.putWorkload(big)]])
                Issue.record("a full disk took a change")
            } catch let error as ServiceError {
                #expect(error.code == .storageFull)
            }
            try await store.commit([changes])
            #expect(try await store.load().tenants.count == 2)
        }
    }

    @Test("a commit is finished although its caller was cancelled")
    func cancelled() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore(path: folder + "/fleet.db")
            let changes = sample.changes
            await withTaskGroup { group in
                group.addTask { try? await store.commit([changes]) }
                group.cancelAll()
            }
            #expect(try await store.load().workloads.count == 1)
        }
    }
}

import Fleet
import InferenceKeyWire
import Logging
import NIOCore
import Synchronization
import Testing
import Transport

@testable import Gateway

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("links to the Manager")
struct ManagerLinkTests {
    @Test("tables come over the feed, and a revocation is in force within a second")
    func feed() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        let manager = try await ScriptedManager(.chat(engine.port))
        try await run(manager) { rig async throws in
            try await eventually("the key opens") { try await rig.call(Rig.post()).status == 200 }
            var tables = GatewayTables.chat(engine.port)
            tables.keys = []
            tables.version = 2
            manager.publish(tables)
            try await eventually("the key is refused") {
                try await rig.call(Rig.post()).status == 401
            }
            try await eventually("the new version is reported") { manager.reports.last?.tableVersion == 2 }
            #expect(manager.authorizations == ["Bearer \(ScriptedManager.credential.revealed)"])
        }
        await manager.stop()
        await engine.stop()
    }

    @Test("usage is reported once for each request, also when reports fail on the way")
    func usage() async throws {
        let engine = try await ScriptedEngine {
            $0.connection.answer(#"{"usage":{"prompt_tokens":3,"completion_tokens":2}}"#)
        }
        let manager = try await ScriptedManager(.chat(engine.port))
        try await run(manager, loops: 2) { rig async throws in
            try await eventually("the tables are there") { rig.gateway.isReady }
            manager.refuseReports(2)
            for _ in 0..<7 { #expect(try await rig.call(Rig.post()).status == 200) }
            _ = try await rig.call(Rig.post(#"{"model":"other"}"#))
            try await eventually("all is reported") { counted(manager).requests == 8 }
            let sum = counted(manager)
            #expect(sum.failedRequests == 1)
            #expect(sum.tokensIn == 21)
            #expect(sum.tokensOut == 14)
            #expect(sum.keyID == Rig.key.id)
            #expect(sum.workloadSlug == "chat")
            #expect(manager.reports.contains { $0.lastUsed[Rig.key.id] != nil })
        }
        await manager.stop()
        await engine.stop()
    }

    @Test("the end of a drain is reported at once, and what is used before the end is reported at the end")
    func drain() async throws {
        let engine = try await ScriptedEngine()
        let manager = try await ScriptedManager(.chat(engine.port))
        try await run(manager) { rig async throws in
            try await eventually("the tables are there") { rig.gateway.isReady }
            let client = try await rig.client()
            client.send(Rig.post())
            let held = try await engine.next()
            var tables = GatewayTables.chat(engine.port, draining: [engine.port])
            tables.version = 2
            manager.publish(tables)
            let replica = ReplicaID("rp_\(engine.port)")
            try await eventually("the open request is reported") { manager.reports.last?.draining == [replica: 1] }
            held.connection.answer(#"{"usage":{"prompt_tokens":3,"completion_tokens":2}}"#)
            #expect(try await client.answer().status == 200)
            try await eventually("the drain is over") {
                manager.reports.last?.draining == [replica: 0]
            }
            client.close()
        }
        #expect(counted(manager).tokensIn == 3)
        await manager.stop()
        await engine.stop()
    }

    @Test("with the Manager down a Gateway serves by its mirror, also after its own restart, and revocations hold")
    func mirror() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        let manager = try await ScriptedManager(.chat(engine.port))
        let directory = try TemporaryDirectory()
        let path = directory.path + "/tables.json"
        var tables = GatewayTables.chat(engine.port)
        tables.keys.append(.of(Rig.other))
        try await run(manager, mirror: path) { rig async throws in
            try await eventually("the first tables are there") { try await rig.call(Rig.post()).status == 200 }
            tables.keys.removeFirst()
            tables.version = 2
            manager.publish(tables)
            try await eventually("the new tables are on disk") {
                (try? TablesMirror(path: path).load())?.version == 2
            }
        }
        await manager.stop()
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        try await run(manager, mirror: path) { rig async throws in
            #expect(rig.gateway.isReady)
            let revoked = try await rig.call(Rig.post())
            #expect(revoked.status == 401)
            let valid = try await rig.call(Rig.post(key: Rig.other.revealed))
            #expect(valid.status == 200)
        }
        await engine.stop()
    }

    @Test("a mirror that could not be written is written when the disk takes it, by the next tables or by itself")
    func latedMirror() async throws {
        let directory = try TemporaryDirectory()
        let folder = directory.path + "/later"
        let path = folder + "/tables.json"
        try await Rig.run(GatewayTables(), configure: { $0.mirrorPath = path }) { rig async throws in
            try await rig.gateway.install(.chat())
            #expect(mkdir(folder, 0o700) == 0)
            try await rig.gateway.install(.chat())
            #expect(try TablesMirror(path: path).load() == .chat())
        }
        unlink(path)
        rmdir(folder)
        let manager = try await ScriptedManager(.chat())
        try await run(manager, mirror: path) { rig async throws in
            try await eventually("the tables are there") { rig.gateway.isReady }
            #expect(mkdir(folder, 0o700) == 0)
            try await eventually("the mirror is there") { (try? TablesMirror(path: path).load()) == .chat() }
        }
        await manager.stop()
    }

    @Test("when a key was last used is told, also if it was while a report waited for its answer")
    func lastUsed() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        var tables = GatewayTables.chat(engine.port)
        tables.keys.append(.of(Rig.other))
        let manager = try await ScriptedManager(tables)
        let directory = try TemporaryDirectory()
        try await run(manager, usage: directory.path + "/usage") { rig async throws in
            try await eventually("the tables are there") { rig.gateway.isReady }
            manager.holdReports()
            try await eventually("a report waits") { manager.holdsReport }
            _ = try await rig.call(Rig.post(key: Rig.other.revealed))
            try await eventually("its use is collected") {
                let entries = try? UsageJournal(folder: directory.path + "/usage").read()
                return entries?.contains { "\($0)".contains(Rig.other.id) } == true
            }
            manager.releaseReports()
            try await eventually("its use is told") { manager.reports.contains { $0.lastUsed[Rig.other.id] != nil } }
        }
        await manager.stop()
        await engine.stop()
    }

    @Test("a mirror that cannot be read is no reason not to start")
    func brokenMirror() async throws {
        let directory = try TemporaryDirectory()
        for text in ["", "{", "{\"format\":99,\"tables\":{}}", "{\"format\":1,\"tables\":{\"version\":1}}"] {
            let path = directory.path + "/tables.json"
            try directory.write(text, to: path)
            try await Rig.run(GatewayTables(), configure: { $0.mirrorPath = path }) { rig async throws in
                #expect(!rig.gateway.isReady)
                try await rig.gateway.install(.chat())
                let mirrored = try TablesMirror(path: path).load()
                #expect(mirrored == .chat())
            }
        }
    }

    @Test("the feed is taken up again after 1, 2, 4, 5 seconds")
    func pauses() async throws {
        let clock = RecordingClock()
        let base = try #require(BaseURL("http://127.0.0.1:1"))
        let feed = FeedClient(
            link: .init(base: base, credential: ScriptedManager.credential), http: HTTPClient(), clock: clock,
            logger: .init(label: "test") { _ in SwiftLogNoOpLogHandler() }, install: { _ in })
        let running = Task { await feed.run() }
        try await eventually("it has paused six times") { clock.pauses.count >= 6 }
        running.cancel()
        await running.value
        #expect(
            clock.pauses.prefix(6) == [.seconds(1), .seconds(2), .seconds(4), .seconds(5), .seconds(5), .seconds(5)])
    }

    private func run(
        _ manager: ScriptedManager, loops: Int = 1, mirror: String? = nil, usage: String? = nil,
        _ body: (Rig) async throws -> Void
    ) async throws {
        let base = try #require(BaseURL("http://127.0.0.1:\(manager.port)"))
        try await Rig.run(
            GatewayTables(), loops: loops,
            configure: {
                $0.manager = .init(base: base, credential: ScriptedManager.credential)
                $0.mirrorPath = mirror
                $0.usagePath = usage
            }, body)
    }

    /// The sum of all usage, each report counted once by its number.
    private func counted(_ manager: ScriptedManager) -> UsageRecord {
        var seen: Set<Int> = []
        var sum = UsageRecord(day: "", projectID: ID(""), workloadSlug: "", keyID: "")
        for report in manager.reports where seen.insert(report.sequence).inserted {
            for record in report.usage {
                sum.keyID = record.keyID
                sum.workloadSlug = record.workloadSlug
                sum.requests += record.requests
                sum.failedRequests += record.failedRequests
                sum.tokensIn += record.tokensIn
                sum.tokensOut += record.tokensOut
            }
        }
        return sum
    }
}

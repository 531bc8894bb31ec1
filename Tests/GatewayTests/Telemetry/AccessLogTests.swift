import Fleet
import InferenceKeyWire
import Logging
import NIOCore
import Testing

@testable import Gateway

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("access log")
struct AccessLogTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path + "/access.log" }

    init() throws { directory = try TemporaryDirectory() }

    private func lines(_ path: String) -> [JSONValue] {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(file, &bytes, bytes.count)
        return String(decoding: bytes[..<max(0, count)], as: UTF8.self).split(separator: "\n").compactMap {
            try? JSONValue(parsing: Array($0.utf8))
        }
    }

    private func lines(_ count: Int) async throws -> [JSONValue] {
        try await eventually("\(count) lines") { lines(path).count >= count ? lines(path) : nil }
    }

    private func logged(_ tables: GatewayTables, _ body: (Rig) async throws -> Void) async throws {
        try await Rig.run(tables, configure: { $0.telemetry.accessLog = .file(path) }, body)
    }

    @Test("each request has a line, and the line says how it ended")
    func endings() async throws {
        let engine = try await ScriptedEngine()
        try await logged(.chat(engine.port)) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.post(#"{"model":"tiny","stream":true}"#, headers: "x-request-id: mine-1\r\n"))
            var request = try await engine.next()
            request.connection.startStream()
            request.connection.event(#"{"choices":[{"delta":{"content":"a"}}]}"#)
            try await client.until("content")
            request.connection.event(#"{"usage":{"prompt_tokens":5,"completion_tokens":9}}"#)
            request.connection.endStream()
            _ = try await client.answer()
            let finished = try await lines(1)[0]
            #expect(finished["outcome"]?.stringValue == "finished" && finished["status"]?.intValue == 200)
            #expect(finished["request_id"]?.stringValue == "mine-1")
            #expect(finished["route"]?.stringValue == "/v1/chat/completions")
            #expect(finished["project"]?.stringValue == "acme" && finished["workload"]?.stringValue == "chat")
            #expect(finished["model"]?.stringValue == "tiny")
            #expect(finished["replica"]?.stringValue == "rp_\(engine.port)")
            #expect(finished["key"]?.stringValue == "ik_live_0a1b2c3d…")
            #expect(finished["tokens_in"]?.intValue == 5 && finished["tokens_out"]?.intValue == 9)
            #expect(finished["bytes_in"]?.intValue == 30 && finished["stream"]?.boolValue == true)
            #expect(finished["bytes_out"]?.intValue ?? 0 > 200)
            let first = try #require(finished["ttft_ms"]?.doubleValue)
            #expect(first > 0 && first <= finished["duration_ms"]?.doubleValue ?? 0)

            client.send(Rig.post())
            request = try await engine.next()
            request.connection.answer(#"{"error":{}}"#, status: "500 Internal Server Error")
            _ = try await client.answer()
            let failed = try await lines(2)[1]
            #expect(failed["outcome"]?.stringValue == "failed" && failed["status"]?.intValue == 500)
            #expect(failed["ttft_ms"] == nil && failed["stream"] == nil)

            client.send(Rig.post())
            request = try await engine.next()
            request.connection.startStream()
            request.connection.event("1")
            try await client.until("data: 1")
            request.connection.close()
            _ = try await client.answer()
            let cut = try await lines(3)[2]
            #expect(cut["outcome"]?.stringValue == "cut" && cut["status"]?.intValue == 200)
            #expect(cut["code"]?.stringValue == "upstream_failed")

            client.send(Rig.post(key: Rig.other.revealed))
            _ = try await client.answer()
            let refused = try await lines(4)[3]
            #expect(refused["outcome"]?.stringValue == "refused" && refused["status"]?.intValue == 401)
            #expect(refused["code"]?.stringValue == "invalid_credentials" && refused["key"] == nil)
            #expect(refused["project"]?.stringValue == "acme" && refused["replica"] == nil)

            client.send(Rig.post())
            request = try await engine.next()
            request.connection.startStream()
            request.connection.event("1")
            try await client.until("data: 1")
            client.close()
            let left = try await lines(5)[4]
            #expect(left["outcome"]?.stringValue == "client_left")
        }
        await engine.stop()
    }

    @Test("an engine that is gone is a failure, not a refusal")
    func unreachable() async throws {
        let port = try refusingPort()
        try await logged(.chat(port)) { rig async throws in
            #expect(try await rig.call(Rig.post()).status == 502)
            let line = try await lines(1)[0]
            #expect(line["outcome"]?.stringValue == "failed" && line["code"]?.stringValue == "upstream_failed")
            #expect(line["replica"]?.stringValue == "rp_\(port)")
        }
    }

    @Test("a file that was moved away is left alone, and the next lines go to a new one")
    func rotated() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await logged(.chat(engine.port)) { rig async throws in
            _ = try await rig.call(Rig.post())
            _ = try await lines(1)
            #expect(rename(path, path + ".1") == 0)
            rig.gateway.reopenAccessLog()
            try await eventually("the file is opened anew") { access(path, F_OK) == 0 }
            _ = try await rig.call(Rig.post())
            _ = try await lines(1)
            #expect(lines(path + ".1").count == 1)
        }
        // What was under way when it stopped is written, too.
        #expect(lines(path).count == 1)
        await engine.stop()
    }

    @Test("the last lines are written before the Gateway ends")
    func lastLines() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        let path = path
        try await Rig.run(
            .chat(engine.port), limits: { $0.sweepInterval = .seconds(3600) },
            configure: { $0.telemetry.accessLog = .file(path) }
        ) { rig async throws in
            for _ in 0..<3 { _ = try await rig.call(Rig.post()) }
            #expect(lines(path).isEmpty)
        }
        #expect(lines(path).count == 3)
        await engine.stop()
    }

    @Test("a file that cannot be opened keeps the Gateway from starting, and is named")
    func unwritable() async throws {
        var configuration = GatewayConfiguration()
        configuration.telemetry.accessLog = .file(directory.path + "/none/access.log")
        let gateway = GatewayService(configuration, logger: Logger(label: "gateway"))
        do {
            try await gateway.run()
            Issue.record("it ran")
        } catch {
            guard case GatewayFailure.accessLog(let reason) = error else { throw error }
            #expect(reason.contains("/none/access.log"))
        }
    }
}

import InferenceKey
import LoopbackServer
import NIOCore
import Synchronization
import Testing

@Suite("looking after workloads", .timeLimit(.minutes(5)))
struct ManagementTests {
    static let workload = JSONValue.object(EnsureTests.live())

    @Test("get, list over pages, and delete")
    func basics() async throws {
        let server = try await LoopbackServer { request, reply in
            switch (request.method, request.target) {
            case ("DELETE", _): reply.send("HTTP/1.1 204 X\r\n\r\n")
            case (_, "/api/projects/acme/workloads"):
                reply.json(
                    200, "[\(Self.workload.text)]", [#"link: </api/projects/acme/workloads?after=a>; rel="next""#])
            case (_, "/api/projects/acme/workloads?slug=gone"): reply.json(200, "[]")
            default: reply.json(200, "[\(Self.workload.text)]")
            }
        }
        let client = try server.management()
        #expect(try await client.get("support-bot").id == "wl_1")
        #expect(try await client.list().count == 2)
        #expect(try await client.delete("support-bot"))
        #expect(server.record.requests.last?.target == "/api/workloads/wl_1")
        #expect(try await client.delete("gone") == false)
        await expect(.notFound, "not found: project acme has no workload gone") { _ = try await client.get("gone") }
    }

    @Test("the status of a workload is read")
    func status() async throws {
        let body = """
            {"desired":2,"ready":1,"status":"degraded","status_reason":"one is starting","revision":3,"replicas":[\
            {"id":"rep_1","revision":3,"state":"ready","worker_id":"w1","device_ids":["d0"],"port":8001,"restarts":0,\
            "since":"2026-01-01T00:00:00.000Z"},\
            {"id":"rep_2","revision":3,"state":"failed","cause":"bad_command","reason":"no","restarts":2,"log_tail":["a","b"],\
            "progress":{"step":"load_model","bytes_done":5}},{"id":"rep_3","state":"of the future"}],"new":1}
            """
        let server = try await LoopbackServer { request, reply in
            reply.json(200, request.target.hasSuffix("/status") ? body : "[\(Self.workload.text)]")
        }
        let report = try await server.management().status("support-bot")
        #expect(report.status == .degraded)
        #expect(report.replicas.map(\.state) == [.ready, .failed])
        #expect(report.replicas[1].cause == .badCommand)
        #expect(report.replicas[1].logTail == ["a", "b"])
        #expect(report.replicas[1].progress?.bytesDone == 5)
        #expect(report.raw["new"] == 1)
    }

    @Test("log lines are read at once, or as they come")
    func logs() async throws {
        let server = try await LoopbackServer { request, reply in
            switch request.path {
            case "/api/workloads/wl_1/logs" where request.target.contains("follow=true"):
                reply.openEvents()
                for number in 0..<3 {
                    reply.chunk(
                        ": keep-alive\n\ndata: {\"replica_id\":\"r\",\"ts\":\"2026-01-01T00:00:00Z\",\"text\":\"\(number)\"}\n\n"
                    )
                }
                reply.endChunks()
            case "/api/workloads/wl_1/logs":
                reply.json(200, #"[{"replica_id":"r","ts":"2026-01-01T00:00:00Z","text":"old"}]"#)
            default: reply.json(200, "[\(Self.workload.text)]")
            }
        }
        let client = try server.management()
        var texts: [String] = []
        for try await line in try await client.logs("support-bot", replica: "r", tail: 5) { texts.append(line.text) }
        for try await line in try await client.logs("support-bot", follow: true) { texts.append(line.text) }
        #expect(texts == ["old", "0", "1", "2"])
        #expect(server.record.requests[1].target == "/api/workloads/wl_1/logs?replica=r&tail=5")
    }

    static func event(_ phase: String, _ message: String = "", _ more: String = "") -> String {
        "data: {\"phase\":\"\(phase)\",\"message\":\"\(message)\",\"elapsed_ms\":1\(more)}\n\n"
    }

    @Test("waiting ends with ready, and tells the progress")
    func ready() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.openEvents()
            reply.chunk(Self.event("scheduling"))
            reply.chunk(": keep-alive\n\n" + Self.event("bootstrapping", "loading", ",\"step\":\"load_model\""))
            reply.chunk(Self.event("ready", "serving"))
        }
        let seen = Warnings()
        let time = ManualTime(jumping: false)
        let event = try await server.management(time: time).waitUntilReady("Support Bot") {
            seen.add($0.phase.rawValue)
        }
        #expect(event.phase == .ready)
        #expect(seen.all == ["scheduling", "bootstrapping", "ready"])
        #expect(server.record.requests[0].target == "/api/projects/acme/workloads/support-bot/readiness-events")
    }

    @Test("a workload that cannot become ready is an error with its cause")
    func failed() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.openEvents()
            reply.chunk(Self.event("error", "the GPU is too small", ",\"cause\":\"out_of_gpu_memory\""))
        }
        do throws(InferenceKeyError) {
            try await server.waitingClient().waitUntilReady("support-bot")
            Issue.record("no error")
        } catch {
            #expect(error.message == "workload support-bot cannot become ready: the GPU is too small")
            #expect(error.code == "out_of_gpu_memory")
        }
    }

    @Test("a dropped stream is opened again after 1, 2, 4, 5 and 5 s; a bare end is no success")
    func reconnect() async throws {
        let steps = Script(["end", "cut", "503", "html", "end", "ready"])
        let server = try await LoopbackServer { _, reply in
            switch steps.next() {
            case "end":
                reply.openEvents()
                reply.endChunks()
            case "cut": reply.send("HTTP/1.1 200 OK\r\n").whenComplete { _ in reply.close() }
            case "503": reply.json(503, #"{"error":"unavailable","message":"x"}"#)
            case "html": reply.answer(502, ["content-type: text/html"], "<html>bad gateway</html>")
            default:
                reply.openEvents()
                reply.chunk(Self.event("ready"))
            }
        }
        let time = ManualTime(jumping: false)
        let client = try server.management(time: time)
        let task = Task { try await client.waitUntilReady("support-bot", timeout: .seconds(600)) }
        // One of the sleeps is the deadline's.
        for (count, delay) in zip(2..., [1, 2, 4, 5, 5]) {
            await time.untilSleeps(count)
            time.advance(by: .seconds(delay))
        }
        #expect(try await task.value.phase == .ready)
        #expect(
            time.slept.filter { $0 != .seconds(600) } == [
                .seconds(1), .seconds(2), .seconds(4), .seconds(5), .seconds(5),
            ])
        #expect(server.record.requests.count == 6)
    }

    @Test("a list whose pages never end stops at the request timeout")
    func endlessPages() async throws {
        let time = ManualTime(jumping: false)
        let server = try await LoopbackServer { request, reply in
            let number = Int(request.target.split(separator: "=").last ?? "") ?? 0
            time.advance(by: .seconds(1))
            reply.json(200, "[]", ["link: </api/projects/acme/workloads?after=\(number + 1)>; rel=\"next\""])
        }
        let client = try server.management(options: ClientOptions(requestTimeout: .seconds(5)), time: time)
        await expect(.timeout, "timed out: not every page of the list came within 5.0 seconds") {
            _ = try await client.list()
        }
        #expect(server.record.requests.count <= 6)
    }

    @Test("a line with a moment that no calendar has is a line")
    func strangeMoments() async throws {
        let server = try await LoopbackServer { request, reply in
            guard request.path.hasSuffix("/logs") else { return reply.json(200, "[\(Self.workload.text)]") }
            let lines = ["-9223372036854775808", "9223372036854775807", "-1"].map { #"{"ts":\#($0),"text":"a"}"# }
            reply.json(200, "[\(lines.joined(separator: ","))]")
        }
        var moments: [String] = []
        for try await line in try await server.management().logs("support-bot") {
            moments.append(line.json["ts"]?.stringValue ?? "none")
        }
        #expect(moments.count == 3)
        #expect(moments.last == "1969-12-31T23:59:59.999Z")
    }

    @Test("time that is up is a timeout that says how far it was, and closes the stream")
    func timeout() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.openEvents()
            reply.chunk(Self.event("provisioning", "fetching the model"))
        }
        let time = ManualTime(jumping: false)
        let (events, give) = AsyncStream.makeStream(of: ReadinessEvent.self)
        let client = try server.management(time: time)
        let task = Task {
            try await client.waitUntilReady("support-bot", timeout: .seconds(30)) { give.yield($0) }
        }
        var iterator = events.makeAsyncIterator()
        _ = await iterator.next()
        await time.untilSleeps(1)
        time.advance(by: .seconds(30))
        await expect(
            .timeout, "timed out: workload support-bot is not ready after 30 s; provisioning: fetching the model"
        ) {
            _ = try await task.value
        }
        await server.until { $0.accepted == 1 && $0.open == 0 }
    }

    @Test("a workload that is not there ends the waiting at once")
    func absent() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.json(404, #"{"error":"workload_not_found","message":"no such workload","request_id":"req_1"}"#)
        }
        await expect(.notFound, "not found: no such workload") {
            try await server.waitingClient().waitUntilReady("support-bot")
        }
        #expect(server.record.requests.count == 1)
    }

    @Test(
        "a control plane that answers HTML or another shape is a typed error",
        arguments: ["<html></html>", "{}", "[1]"])
    func strange(body: String) async throws {
        let server = try await LoopbackServer { _, reply in reply.answer(200, [], body) }
        await expect(.api, "api error (status 200): the answer") { _ = try await server.management().list() }
    }
}

extension LoopbackServer {
    /// A client whose clock stands still.
    func waitingClient() throws(InferenceKeyError) -> ManagementClient {
        try management(time: ManualTime(jumping: false))
    }
}

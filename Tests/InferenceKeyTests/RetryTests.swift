import InferenceKey
import LoopbackServer
import Testing

@Suite("retries", .timeLimit(.minutes(5)))
struct RetryTests {
    static let refusal = #"{"error":{"message":"starting","type":"server_error","code":"workload_not_ready"}}"#

    @Test("the server's retry-after-ms is obeyed to the millisecond")
    func retryAfter() async throws {
        let time = ManualTime()
        let steps = Script<String?>(["1234", "70", nil])
        let server = try await LoopbackServer { _, reply in
            if let wait = steps.next() { return reply.json(503, Self.refusal, ["retry-after-ms: \(wait)"]) }
            reply.json(200, TextTests.answer)
        }
        let result = try await server.endpoint(time: time).generateText(prompt: "Hi")
        #expect(result.text == "Hola")
        #expect(time.slept == [.milliseconds(1234), .milliseconds(70)])
        #expect(server.record.requests.count == 3)
    }

    @Test("after two retries the refusal is thrown, with what it said")
    func exhausted() async throws {
        let time = ManualTime()
        let server = try await LoopbackServer { _, reply in
            reply.json(503, Self.refusal, ["retry-after-ms: 100", "x-request-id: req_1"])
        }
        await expect(.api, "api error (status 503): starting") {
            _ = try await server.endpoint(time: time).generateText(prompt: "Hi")
        }
        #expect(server.record.requests.count == 3)
        #expect(time.slept.count == 2)
    }

    @Test("no retry is begun that would end after the deadline of the call")
    func deadline() async throws {
        let server = try await LoopbackServer { _, reply in reply.json(503, Self.refusal, ["retry-after-ms: 5000"]) }
        await expect(.api, "api error (status 503)") {
            _ = try await server.endpoint(options: ClientOptions(requestTimeout: .seconds(4))).generateText(
                prompt: "Hi")
        }
        #expect(server.record.requests.count == 1)
    }

    @Test("a POST whose connection broke is not sent twice, one with an idempotency key is")
    func idempotency() async throws {
        let server = try await LoopbackServer { _, reply in reply.close() }
        let endpoint = try server.endpoint()
        await expect(.network, "network error: ") { _ = try await endpoint.generateText(prompt: "Hi") }
        #expect(server.record.requests.count == 1)
        await expect(.network, "network error: ") {
            _ = try await endpoint.request("POST", "/x", headers: ["idempotency-key": "k"])
        }
        #expect(server.record.requests.count == 4)
    }

    @Test("opening a stream is retried too")
    func stream() async throws {
        let steps = Script([429, 200])
        let server = try await LoopbackServer { _, reply in
            if steps.next() == 429 { return reply.json(429, Self.refusal) }
            reply.openEvents()
            reply.chunk("data: [DONE]\n\n")
            reply.endChunks()
        }
        for try await _ in try await server.endpoint().generateTextStream(prompt: "Hi") {}
        #expect(server.record.requests.count == 2)
    }

    @Test("nobody there is a network error that says where, after the retries")
    func nobody() async throws {
        let time = ManualTime()
        let server = try await LoopbackServer { _, _ in }
        let endpoint = try server.endpoint(time: time)
        await server.stop()
        await expect(.network, "network error: cannot connect to 127.0.0.1:\(server.port)") {
            _ = try await endpoint.generateText(prompt: "Hi")
        }
        #expect(time.slept == [.milliseconds(500), .seconds(1)])
    }

    @Test("cancelling during the back-off ends the call")
    func cancelBackOff() async throws {
        let time = ManualTime(jumping: false)
        let server = try await LoopbackServer { _, reply in reply.json(503, Self.refusal) }
        let endpoint = try server.endpoint(time: time)
        let task = Task { try await endpoint.generateText(prompt: "Hi") }
        await time.untilSleeps(1)
        task.cancel()
        await expect(.cancelled, "cancelled") { _ = try await task.value }
    }

    @Test("the refusal of a stream is read until the deadline, and says what came of it")
    func drippingRefusal() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.send("HTTP/1.1 500 X\r\ncontent-length: 9000\r\n\r\nhalf a refusal")
        }
        let options = ClientOptions(requestTimeout: .milliseconds(300))
        await expect(.api, "api error (status 500): the answer was not JSON: half a refusal") {
            _ = try await server.endpoint(options: options).generateTextStream(prompt: "Hi")
        }
        await server.until { $0.open == 0 }
    }

    @Test("cancelling ends the reading of a refusal")
    func cancelledRefusal() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.send("HTTP/1.1 500 X\r\ncontent-length: 9000\r\n\r\nhalf")
        }
        let endpoint = try server.endpoint()
        let task = Task { try await endpoint.generateTextStream(prompt: "Hi") }
        await server.until { $0.requests.count == 1 }
        task.cancel()
        await expect(.cancelled, "cancelled") { _ = try await task.value }
    }

    @Test("a deadline that passes names the setting, not what was left for the last try")
    func setting() async throws {
        let server = try await LoopbackServer { _, _ in }
        let options = ClientOptions(requestTimeout: .milliseconds(1500))
        let client = try DataClient(baseURL: server.address, project: "acme", apiKey: Made.key, options: options)
        await expect(.timeout, "timed out: no answer within 1.5 seconds") {
            _ = try await client.endpoint("support-bot").generateText(prompt: "Hi")
        }
    }

    @Test("a deadline that passes is a timeout")
    func timeout() async throws {
        let server = try await LoopbackServer { _, _ in }
        await expect(.timeout, "timed out: no answer within") {
            let options = ClientOptions(requestTimeout: .milliseconds(200))
            _ = try await server.endpoint(options: options).generateText(prompt: "Hi")
        }
    }
}

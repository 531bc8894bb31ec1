import InferenceKey
import LoopbackServer
import Synchronization
import Testing
import Transport

@Suite("generating text", .timeLimit(.minutes(5)))
struct TextTests {
    static let answer = """
        {"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hola"},\
        "finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4},"x":1.50}
        """

    @Test("a prompt becomes a chat completion of the workload")
    func prompt() async throws {
        let server = try await LoopbackServer { _, reply in reply.json(200, Self.answer) }
        let endpoint = try server.endpoint()
        let result = try await endpoint.generateText(
            prompt: "Hi", temperature: 0.2, maxTokens: 300, extra: ["top_p": 1])
        #expect(result.text == "Hola")
        #expect(result.model == "m")
        #expect(result.finishReason == "stop")
        #expect(result.usage?.totalTokens == 4)
        #expect(result.raw.text == Self.answer)
        let request = server.record.requests[0]
        #expect(request.method == "POST")
        #expect(request.target == "/endpoint/acme/support-bot/v1/chat/completions")
        #expect(request["authorization"] == "Bearer \(Made.key)")
        #expect(
            request.bodyText
                == #"{"model":"support-bot","messages":[{"role":"user","content":"Hi"}],"temperature":0.2,"max_tokens":300,"top_p":1}"#
        )
        #expect(endpoint.baseURL == server.address + "/endpoint/acme/support-bot/v1")
    }

    @Test("unset options are not sent, messages go as they are")
    func messages() async throws {
        let server = try await LoopbackServer { _, reply in reply.json(200, Self.answer) }
        let parts: JSONValue = [["type": "text", "text": "look"]]
        let messages: [ChatMessage] = [
            .system("be brief"), ChatMessage(role: "user", content: parts, extra: ["name": "ann"]),
        ]
        _ = try await server.endpoint().generateText(messages: messages)
        #expect(
            server.record.requests[0].bodyText
                == #"{"model":"support-bot","messages":[{"role":"system","content":"be brief"},"#
                + #"{"role":"user","content":[{"type":"text","text":"look"}],"name":"ann"}]}"#)
    }

    @Test("bad arguments are told before any request")
    func invalid() async throws {
        let server = try await LoopbackServer { _, reply in reply.json(200, Self.answer) }
        let endpoint = try server.endpoint()
        let calls: [(String, TextRequest)] = [
            ("prompt and messages are exclusive", TextRequest(prompt: "a", messages: [.user("b")])),
            ("prompt or messages is required", TextRequest()), ("prompt must not be blank", TextRequest(prompt: " \n")),
            ("messages must not be empty", TextRequest(messages: [])),
            ("messages[1].content must not be blank", TextRequest(messages: [.user("a"), .user("")])),
            ("messages[0].role must not be blank", TextRequest(messages: [ChatMessage(role: "", content: "x")])),
            ("temperature must be a finite number", TextRequest(prompt: "a", temperature: .nan)),
            ("max_tokens must be at least 1", TextRequest(prompt: "a", maxTokens: 0)),
            ("model is set by the client", TextRequest(prompt: "a", extra: ["model": "x"])),
            ("stream is set by the client", TextRequest(prompt: "a", extra: ["stream": true])),
            ("max_tokens is given twice", TextRequest(prompt: "a", maxTokens: 1, extra: ["max_tokens": 2])),
        ]
        for (message, call) in calls {
            await #expect {
                try await endpoint.generateText(
                    prompt: call.prompt, messages: call.messages, temperature: call.temperature,
                    maxTokens: call.maxTokens, extra: call.extra)
            } throws: { error in
                let error = error as? InferenceKeyError
                return error?.kind == .validation && error?.message.hasPrefix("validation error: \(message)") == true
            }
        }
        #expect(server.record.requests.isEmpty)
    }

    @Test("pieces of a stream arrive as they are sent, each before the next is sent")
    func streaming() async throws {
        let (replies, giveReply) = AsyncStream.makeStream(of: Reply.self)
        let server = try await LoopbackServer { _, reply in
            reply.openEvents()
            giveReply.yield(reply)
        }
        let endpoint = try server.endpoint()
        let stream = try await endpoint.generateTextStream(prompt: "Hi")
        var iterator = stream.makeAsyncIterator()
        var waiting = replies.makeAsyncIterator()
        let reply = try #require(await waiting.next())
        for number in 0..<20 {
            reply.chunk("data: {\"choices\":[{\"delta\":{\"content\":\"\(number)\"}}]}\n\n")
            #expect(try await iterator.next()?.text == "\(number)")
        }
        reply.chunk("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n")
        #expect(try await iterator.next()?.finishReason == "stop")
        reply.chunk("data: [DONE]\n\n")
        #expect(try await iterator.next() == nil)
        #expect(try await iterator.next() == nil)
        #expect(server.record.requests[0].bodyText.hasSuffix(#""stream":true}"#))
        #expect(server.record.requests[0]["accept"] == "text/event-stream")
        // The rest of the answer comes after [DONE]; the connection is kept all the same.
        reply.endChunks()
        let second = Task { try await endpoint.generateTextStream(prompt: "again") }
        let again = try #require(await waiting.next())
        again.chunk("data: [DONE]\n\n")
        again.endChunks()
        for try await _ in try await second.value {}
        #expect(server.record.requests.count == 2)
    }

    @Test("a stream that ends without [DONE] or a finish reason is an error, not an end", arguments: [true, false])
    func earlyEnd(cleanly: Bool) async throws {
        let server = try await LoopbackServer { _, reply in
            reply.openEvents()
            reply.chunk("data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n")
            if cleanly { reply.endChunks() } else { reply.close() }
        }
        var texts: [String] = []
        let stream = try await server.endpoint().generateTextStream(prompt: "Hi")
        do throws(InferenceKeyError) {
            for try await chunk in stream { texts.append(chunk.text) }
            Issue.record("the stream ended as if it were whole")
        } catch {
            #expect(error.kind == .network)
        }
        #expect(texts == ["x"])
    }

    @Test("a refusal is thrown where the stream is opened")
    func eager() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.json(
                401, #"{"error":{"message":"unknown key","type":"authentication_error","code":"invalid_credentials"}}"#)
        }
        await expect(.authentication, "authentication failed: unknown key") {
            _ = try await server.endpoint().generateTextStream(prompt: "Hi")
        }
    }

    @Test("cancelling the task that reads closes the request at the server")
    func cancelTask() async throws {
        let server = try await LoopbackServer { _, reply in reply.openEvents() }
        let stream = try await server.endpoint().generateTextStream(prompt: "Hi")
        let task = Task { () -> InferenceKeyError? in
            do throws(InferenceKeyError) {
                for try await _ in stream {}
                return nil
            } catch { return error }
        }
        task.cancel()
        #expect(await task.value?.kind == .cancelled)
        await server.until { $0.accepted == 1 && $0.open == 0 }
    }

    @Test("leaving the loop closes the request at the server")
    func leaving() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.openEvents()
            reply.chunk("data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n")
        }
        for try await _ in try await server.endpoint().generateTextStream(prompt: "Hi") { break }
        await server.until { $0.accepted == 1 && $0.open == 0 }
    }

    @Test("an answer that is no event stream is a typed error")
    func notEvents() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.answer(200, ["content-type: text/html"], "<html>hello</html>")
        }
        await expect(.api, "api error (status 200): the answer is not an event stream but text/html") {
            _ = try await server.endpoint().generateTextStream(prompt: "Hi")
        }
    }

    @Test(
        "HTML, broken JSON, an empty body and JSON of another shape are typed errors",
        arguments: [
            (200, "<html>hello</html>", "api error (status 200): the answer was not JSON"),
            (200, #"{"choices":"#, "api error (status 200): the answer was not JSON"),
            (200, "", "api error (status 200): the answer had no body"),
            (200, "[]", "api error (status 200): the answer has no choices"),
            (500, "<html>oops</html>", "api error (status 500): the answer was not JSON: <html>oops</html>"),
        ])
    func strange(status: Int, body: String, message: String) async throws {
        let server = try await LoopbackServer { _, reply in reply.answer(status, ["x-request-id: req_9"], body) }
        do throws(InferenceKeyError) {
            _ = try await server.endpoint().generateText(prompt: "Hi")
            Issue.record("no error")
        } catch {
            #expect(error.kind == .api)
            #expect(error.message.hasPrefix(message))
            #expect(error.status == status)
            #expect(error.requestID == "req_9")
        }
    }
}

/// Expects an error of the SDK by its kind and the start of its message.
func expect(
    _ kind: InferenceKeyError.Kind, _ message: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    await #expect(sourceLocation: sourceLocation) { try await body() } throws: { error in
        guard let error = error as? InferenceKeyError else { return false }
        let isRight = error.kind == kind && error.message.hasPrefix(message)
        if !isRight { Issue.record("\(error.kind): \(error.message)", sourceLocation: sourceLocation) }
        return isRight
    }
}

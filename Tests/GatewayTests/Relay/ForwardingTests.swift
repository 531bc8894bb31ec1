import Fleet
import InferenceKeyWire
import Testing

@testable import Gateway

@Suite("forwarding")
struct ForwardingTests {
    @Test("the engine gets the body as it was, with its own key and none of the hop's headers")
    func forwardsARequest() async throws {
        let engine = try await ScriptedEngine {
            $0.connection.answer(#"{"id":"x"}"#, headers: "x-engine: 1\r\nserver: e\r\n")
        }
        let body =
            #"{ "model" : "tiny" ,"messages":[ {"role":"user","content":"h\u00e9 \ud83d\ude00"} ], "unknown_field": 1.50 }"#
        let headers =
            "traceparent: 00-abc-def-01\r\nx-request-id: my-id\r\nConnection: X-Hop\r\nX-Hop: 1\r\nX-Forwarded-For: 6.6.6.6\r\n"
            + "Cookie: a=b\r\nProxy-Connection: x\r\nAccept: */*\r\n"
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let answer = try await rig.call(Rig.post(body, headers: headers))
            #expect(answer.status == 200)
            #expect(answer.text == #"{"id":"x"}"#)
            #expect(answer.header("x-request-id") == "my-id")
            #expect(answer.header("x-engine") == "1")
        }
        let request = try #require(engine.requests.first)
        #expect(request.text == body)
        #expect(request.head.hasPrefix("POST /v1/chat/completions HTTP/1.1\r\n"))
        #expect(request.header("authorization") == "Bearer engine-secret")
        #expect(request.header("host") == "127.0.0.1:\(engine.port)")
        #expect(request.header("x-request-id") == "my-id")
        #expect(request.header("traceparent") == "00-abc-def-01")
        #expect(request.header("content-length") == "\(body.utf8.count)")
        for name in ["connection", "x-hop", "x-forwarded-for", "proxy-connection", "transfer-encoding"] {
            #expect(request.header(name) == nil, "\(name)")
        }
        #expect(!request.head.contains(Rig.key.revealed))
        await engine.stop()
    }

    @Test("the query goes along, and tokenize goes where engines have it")
    func paths() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port, engineKey: "")) { rig async throws in
            _ = try await rig.call(Rig.get("/endpoint/acme/chat/v1/models?limit=2&a=%2f"))
            _ = try await rig.call(Rig.post(path: "/endpoint/acme/chat/v1/tokenize"))
        }
        #expect(engine.requests.map(\.path) == ["/v1/models?limit=2&a=%2f", "/tokenize"])
        #expect(engine.requests.first?.header("authorization") == nil)
        #expect(engine.requests.first?.header("content-length") == nil)
        await engine.stop()
    }

    @Test("the slug and default stand for the engine's name of the model; everything else of the body stays")
    func models() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port, model: "org/tiny\"x")) { rig async throws in
            for name in [#"org/tiny\"x"#, #"org\/tiny\"x"#, "chat", "default"] {
                #expect(try await rig.call(Rig.post(#"{"a":[1, 2],"model": "\#(name)" ,"z":"é"}"#)).status == 200)
            }
            let answer = try await rig.call(Rig.post(#"{"model":"gpt-4"}"#))
            #expect(answer.status == 404)
            let error = try JSONValue(parsing: answer.body)["error"]
            #expect(error?["code"]?.stringValue == "model_not_found")
            #expect(error?["param"]?.stringValue == "model")
            #expect(error?["message"]?.stringValue?.contains("\"chat\"") == true)
        }
        #expect(engine.requests.count == 4)
        for request in engine.requests {
            #expect(request.text == #"{"a":[1, 2],"model": "org/tiny\"x" ,"z":"é"}"#)
        }
        await engine.stop()
    }

    @Test("a body sent in chunks reaches the engine with its length instead")
    func chunkedBody() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let client = try await rig.client()
            client.send(
                "POST /endpoint/acme/chat/v1/chat/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                    + "Authorization: Bearer \(Rig.key.revealed)\r\nContent-Type: application/json\r\n\r\n8\r\n{\"model\"\r\n"
            )
            client.send("8\r\n:\"tiny\"}\r\n0\r\n\r\n" + Rig.post())
            #expect(try await client.answer().status == 200)
            #expect(try await client.answer().status == 200)
            client.close()
        }
        #expect(engine.requests.first?.text == #"{"model":"tiny"}"#)
        #expect(engine.requests.first?.header("transfer-encoding") == nil)
        await engine.stop()
    }

    @Test("a large body arrives whole, whatever its pieces")
    func largeBody() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        let body = #"{"prompt":"\#(String(repeating: "0123456789", count: 300_000))","model":"default"}"#
        try await Rig.run(.chat(engine.port)) { rig async throws in
            #expect(try await rig.call(Rig.post(body)).status == 200)
        }
        #expect(engine.requests.first?.text == body.replacing("\"default\"", with: "\"tiny\""))
        await engine.stop()
    }

    @Test("requests sent ahead are answered one by one, in order")
    func pipelining() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer($0.text) }
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let client = try await rig.client()
            let bodies = (0..<50).map { #"{"model":"tiny","n":\#($0)}"# }
            client.send(bodies.map { Rig.post($0) }.joined())
            for body in bodies { #expect(try await client.answer().text == body) }
            client.send(String(repeating: Rig.post(key: nil), count: 300))
            for _ in 0..<300 { #expect(try await client.answer().status == 401) }
            client.close()
        }
        await engine.stop()
    }

    @Test("connections to the engine are kept and used again")
    func keptConnections() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port)) { rig async throws in
            for _ in 0..<20 { #expect(try await rig.call(Rig.post()).status == 200) }
            #expect(engine.connections.count == 1)
            #expect(await rig.metric("upstream_reuses_total") == 19)
        }
        await engine.stop()
    }

    @Test("a client that wants to close is told so, and the connection ends")
    func closes() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.post(headers: "Connection: close\r\n"))
            #expect(try await client.answer().header("connection") == "close")
            try await client.untilClosed()
        }
        await engine.stop()
    }

    @Test("Expect: 100-continue is answered before the body, and not when the request is refused anyway")
    func expectContinue() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let client = try await rig.client()
            let request = Rig.post(headers: "Expect: 100-continue\r\n")
            let headEnd = try #require(request.firstRange(of: "\r\n\r\n")).upperBound
            client.send(String(request[..<headEnd]))
            #expect(try await client.answer().status == 100)
            client.send(String(request[headEnd...]))
            #expect(try await client.answer().status == 200)
            client.close()
            let refused = try await rig.client()
            refused.send(
                String(
                    Rig.post(key: nil, headers: "Expect: 100-continue\r\n")[
                        ..<request.firstRange(of: "Content-Type")!.lowerBound])
                    + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await refused.answer().status == 401)
            refused.close()
        }
        #expect(engine.requests.first?.header("expect") == nil)
        await engine.stop()
    }

    @Test("a workload without a ready replica is said to be not ready, and when to come back")
    func notReady() async throws {
        var tables = GatewayTables.chat()
        tables.endpoints[0].retryAfterMilliseconds = 500_000
        try await Rig.run(tables) { rig async throws in
            let answer = try await rig.call(Rig.post())
            #expect(answer.status == 503)
            #expect(answer.header("retry-after-ms") == "120000")
            #expect(answer.header("retry-after") == "120")
            #expect(answer.header("x-should-retry") == "true")
            #expect(answer.text.contains("workload_not_ready"))
            #expect(answer.text.contains("starting"))
        }
    }

    @Test("the choice falls on the replica with the fewest open requests, and never on one that drains")
    func choice() async throws {
        let busy = try await ScriptedEngine()
        let free = try await ScriptedEngine { $0.connection.answer("{}") }
        let draining = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(busy.port, free.port, draining.port, draining: [draining.port]), loops: 2) {
            rig async throws in
            // Sooner or later one goes to the replica that does not answer.
            var clients: [WireClient] = []
            while busy.requests.isEmpty {
                let client = try await rig.client()
                clients.append(client)
                client.send(Rig.post())
                try await eventually("it is answered or held") { !client.received.isEmpty || !busy.requests.isEmpty }
            }
            for _ in 0..<20 { #expect(try await rig.call(Rig.post()).status == 200) }
            #expect(busy.requests.count == 1)
            #expect(draining.requests.isEmpty)
            busy.requests.first?.connection.answer("{}")
            for client in clients { client.close() }
        }
        for engine in [busy, free, draining] { await engine.stop() }
    }

    @Test("a replica that begins to drain gets nothing new, also on a connection that was used before")
    func drainBegins() async throws {
        let old = try await ScriptedEngine { $0.connection.answer("{\"from\":\"old\"}") }
        let new = try await ScriptedEngine { $0.connection.answer("{\"from\":\"new\"}") }
        try await Rig.run(.chat(old.port)) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.post())
            #expect(try await client.answer().text.contains("old"))
            var tables = GatewayTables.chat(old.port, new.port, draining: [old.port])
            tables.version = 2
            try await rig.gateway.install(tables)
            for _ in 0..<10 {
                client.send(Rig.post())
                #expect(try await client.answer().text.contains("new"))
            }
            #expect(old.requests.count == 1)
            client.close()
        }
        for engine in [old, new] { await engine.stop() }
    }
}

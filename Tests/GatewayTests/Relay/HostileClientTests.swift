import Fleet
import InferenceKeyWire
import NIOCore
import Testing

@testable import Gateway

@Suite("hostile clients")
struct HostileClientTests {
    @Test("a slow head is answered 408 and closed; a silent connection is closed")
    func slowHead() async throws {
        try await Rig.run(.chat(), limits: { $0.headDeadline = .seconds(3) }) { rig async throws in
            let silent = try await rig.client()
            let slow = try await rig.client()
            slow.send("GET /endpoint/acme/chat/v1/models HT")
            #expect(try await slow.answer().status == 408)
            try await slow.untilClosed()
            try await silent.untilClosed()
            #expect(silent.received.isEmpty)
        }
    }

    @Test("of many slow clients every one is cut, though only a few at a time are")
    func manySlow() async throws {
        try await Rig.run(.chat(), limits: { $0.headDeadline = .seconds(3) }) { rig async throws in
            var clients: [WireClient] = []
            for number in 0..<60 {
                let client = try await rig.client()
                if number % 3 > 0 { client.send("GET /endpoint/acme/chat/v1/models HT") }
                clients.append(client)
            }
            for (number, client) in clients.enumerated() {
                try await client.untilClosed()
                #expect(client.received.isEmpty == (number % 3 == 0))
            }
            try await eventually("all are counted") { await rig.metric("deadlines_passed_total") >= 60 }
        }
    }

    @Test("a body that does not come is answered 408 and closed")
    func slowBody() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port), limits: { $0.bodyIdle = .milliseconds(100) }) { rig async throws in
            let client = try await rig.client()
            client.send(String(Rig.post().dropLast(3)))
            let answer = try await client.answer()
            #expect(answer.status == 408)
            #expect(answer.text.contains("request_timeout"))
            try await client.untilClosed()
            #expect(engine.requests.isEmpty)
            #expect(await rig.metric("in_flight") == 0)
        }
        await engine.stop()
    }

    @Test("a dripping body is cut by the deadline for the whole of it")
    func drippingBody() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port), limits: { $0.bodyDeadline = .milliseconds(200) }) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.post(String(repeating: " ", count: 1000)).dropLast(1000).description)
            try await eventually("it is cut") {
                client.send(" ")
                return client.text.contains("408") || client.isClosed
            }
        }
        await engine.stop()
    }

    @Test("a client that takes nothing of its answer is cut")
    func writeStall() async throws {
        let engine = try await ScriptedEngine { request in
            let body = String(repeating: "x", count: 32 << 20)
            request.connection.answer(body)
        }
        try await Rig.run(.chat(engine.port), limits: { $0.writeStall = .milliseconds(200) }) { rig async throws in
            let client = try await rig.client(reads: false, receiveBufferBytes: 4096)
            client.send(Rig.post())
            try await eventually("it is cut and the engine let go") {
                let closed = await rig.metric("client_connections") == 0
                let letGo = engine.connections.first.map { !$0.isOpen } ?? false
                return closed && letGo
            }
            client.close()
        }
        await engine.stop()
    }

    @Test("the last answer of a connection is not cut off because its client is slow to take it")
    func slowToTakeTheLastAnswer() async throws {
        let body = String(repeating: "x", count: 8 << 20)
        let engine = try await ScriptedEngine { $0.connection.answer(body) }
        func set(_ limits: inout GatewayLimits) {
            limits.linger = .milliseconds(20)
            limits.headDeadline = .milliseconds(200)
            limits.writeBufferHighBytes = 16 << 20
        }
        try await Rig.run(.chat(engine.port), limits: set) { rig async throws in
            let client = try await rig.client(reads: false, receiveBufferBytes: 4096)
            client.send(Rig.post(headers: "Connection: close\r\n"))
            try await eventually("the Gateway holds all of it") {
                let answered = await rig.metric("in_flight") == 0
                return answered && engine.requests.count == 1
            }
            // By then the time to linger is long over.
            try await rig.client().untilClosed()
            let length = try await eventually("all of it arrives") {
                client.read()
                return client.isClosed ? client.received.count : nil
            }
            #expect(length > body.utf8.count)
        }
        await engine.stop()
    }

    @Test("a head over the limit is 431, a body over it 413 before it is read")
    func oversize() async throws {
        try await Rig.run(.chat(1), limits: { $0.maxBodyBytes = 1000 }) { rig async throws in
            let head = try await rig.client()
            head.send("GET / HTTP/1.1\r\nHost: x\r\nA: " + String(repeating: "a", count: 70_000))
            let tooLarge = try await head.answer()
            #expect(tooLarge.status == 431)
            #expect(tooLarge.text.contains("headers_too_large"))
            try await head.untilClosed()

            let body = try await rig.client()
            body.send(
                "POST /endpoint/acme/chat/v1/chat/completions HTTP/1.1\r\nHost: x\r\n"
                    + "Authorization: Bearer \(Rig.key.revealed)\r\nContent-Length: 99999999999\r\n\r\n")
            let refused = try await body.answer()
            #expect(refused.status == 413)
            #expect(refused.text.contains("payload_too_large"))
            try await body.untilClosed()

            let chunked = try await rig.client()
            chunked.send(
                "POST /endpoint/acme/chat/v1/chat/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                    + "Authorization: Bearer \(Rig.key.revealed)\r\n\r\nffffff\r\n"
                    + String(repeating: " ", count: 2000))
            #expect(try await chunked.answer().status == 413)
        }
    }

    @Test(
        "what could smuggle a request is refused, and nothing of it reaches the engine",
        arguments: [
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x",
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\nGET /x",
            "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
            "Content-Length: 0\r\nContent-Length: 44\r\n\r\n", "Content-Length: 3\n\nabc",
            "X: y\n\r\n", "X: y\r\n\tz\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n1;x\r\na\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n1\na\n0\n\n",
        ])
    func smuggling(_ rest: String) async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let client = try await rig.client()
            client.send(
                "POST /endpoint/acme/chat/v1/chat/completions HTTP/1.1\r\nHost: x\r\n"
                    + "Authorization: Bearer \(Rig.key.revealed)\r\n\(rest)")
            #expect(try await client.answer().status == 400)
            try await client.untilClosed()
            #expect(client.received.isEmpty)
            #expect(engine.requests.isEmpty)
        }
        await engine.stop()
    }

    @Test("path tricks escape neither the endpoint nor the allow-list")
    func paths() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port)) { rig async throws in
            for path in [
                "/endpoint/acme/chat/v1/../metrics", "/endpoint/acme/chat/v1/%2e%2e/metrics",
                "/endpoint/acme/chat//v1/models", "/endpoint/acme/chat/v1/models;a", "/endpoint/acme/chat/v1%2fmodels",
                "/endpoint/acme/other/../chat/v1/models", "/endpoint/acme/chat/metrics", "/endpoint/acme/chat/v1",
                "/endpoint/acme/chat/", "/endpoint/acme/chat/v1/load_lora_adapter",
            ] {
                let answer = try await rig.call(Rig.get(path))
                #expect([400, 404].contains(answer.status), "\(path)")
                #expect(try JSONValue(parsing: answer.body)["error"]?["code"] != nil)
            }
            #expect(engine.requests.isEmpty)
        }
        await engine.stop()
    }

    @Test("bad JSON, deep JSON and no JSON are refused by name")
    func badBodies() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let client = try await rig.client()
            for body in ["[]", "{\"model\":", "{\"model\":1}", "{\"a\":" + String(repeating: "[", count: 100_000), "x"]
            {
                client.send(Rig.post(body))
                let answer = try await client.answer()
                #expect(answer.status == 400)
                #expect(answer.text.contains("invalid_request"))
            }
            client.close()
            #expect(engine.requests.isEmpty)
        }
        await engine.stop()
    }

    @Test("over the limit of connections the next one is told so, and the rest go on")
    func tooManyConnections() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port), limits: { $0.maxConnections = 2 }) { rig async throws in
            let first = try await rig.client()
            let second = try await rig.client()
            for client in [first, second] {
                client.send(Rig.post())
                #expect(try await client.answer().status == 200)
            }
            let third = try await rig.client()
            #expect(try await third.answer().status == 503)
            try await third.untilClosed()
            first.close()
            try await eventually("there is room again") { try await rig.call(Rig.post()).status == 200 }
            second.close()
        }
        await engine.stop()
    }

    @Test("a refused HEAD has no body, so that the next answer is not taken for it")
    func refusedHead() async throws {
        try await Rig.run(.chat()) { rig async throws in
            let client = try await rig.client()
            client.send("HEAD /endpoint/acme/chat/v1/models HTTP/1.1\r\nHost: x\r\n\r\n" + Rig.get("/healthz"))
            let refused = try await client.answer(toHead: true)
            #expect(refused.status == 401)
            #expect(try await client.answer().text == #"{"status":"ok"}"#)
            client.close()
        }
    }

    @Test("a refused request with a body leaves the connection good for the next one")
    func refusedBody() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let client = try await rig.client()
            let body = String(repeating: "x", count: 300_000)
            let refused = Rig.post(body, key: nil)
            client.send(String(refused.prefix(1000)))
            #expect(try await client.answer().status == 401)
            client.send(String(refused.dropFirst(1000)) + Rig.post())
            #expect(try await client.answer().status == 200)
            client.close()
        }
        await engine.stop()
    }
}

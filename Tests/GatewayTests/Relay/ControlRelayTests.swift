import Fleet
import InferenceKeyWire
import Testing

@testable import Gateway

@Suite("control relay")
struct ControlRelayTests {
    @Test("what is not below /endpoint/ goes to the Manager byte for byte, and its answer comes back so")
    func byteExact() async throws {
        let reply =
            "HTTP/1.1 201 Created\r\nX-Odd-CASE:  v \r\nContent-Length: 5\r\nKeep-Alive: timeout=5\r\nx-request-id: m\r\n\r\nhello"
        let manager = try await ScriptedEngine { $0.connection.send(reply) }
        let request =
            "PATCH /api/workloads/wl_1?x=%2f HTTP/1.1\r\nHost: example.org\r\nAuthorization: Bearer ik_sdk_x\r\n"
            + "X-Forwarded-For: 1.2.3.4\r\naccept-encoding: gzip\r\nContent-Length: 4\r\n\r\nbody"
        try await Rig.run(.chat(), control: manager.port) { rig async throws in
            let client = try await rig.client()
            client.send(request)
            try await client.until("hello")
            #expect(client.text == reply)
            client.send(request)
            try await client.until("hello" + reply)
            client.close()
        }
        #expect(manager.requests.first?.head == String(request.dropLast(4)))
        #expect(manager.requests.first?.text == "body")
        #expect(manager.connections.count == 1)
        await manager.stop()
    }

    @Test("both planes take turns on one connection")
    func bothPlanes() async throws {
        let manager = try await ScriptedEngine { $0.connection.answer(#"{"plane":"control"}"#) }
        let engine = try await ScriptedEngine { $0.connection.answer(#"{"plane":"data"}"#) }
        try await Rig.run(.chat(engine.port), control: manager.port) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.get("/api/x") + Rig.post() + Rig.get("/healthz") + Rig.post())
            for plane in ["control", "data", "control", "data"] {
                #expect(try await client.answer().text.contains(plane))
            }
            client.close()
        }
        #expect(manager.requests.map(\.path) == ["/api/x", "/healthz"])
        await manager.stop()
        await engine.stop()
    }

    @Test("a large body streams through in its own framing, and so does the answer")
    func largeBodies() async throws {
        let manager = try await ScriptedEngine { $0.connection.answer($0.text) }
        let body = String(repeating: "0123456789", count: 400_000)
        try await Rig.run(.chat(), control: manager.port) { rig async throws in
            let client = try await rig.client()
            client.send("POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n")
            client.send(body)
            #expect(try await client.answer().text == body)
            client.close()
        }
        await manager.stop()
    }

    @Test("chunked bodies pass as they are, and a request behind one is still found")
    func chunkedBody() async throws {
        let manager = try await ScriptedEngine()
        try await Rig.run(.chat(), control: manager.port) { rig async throws in
            let client = try await rig.client()
            client.send("POST /api/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r")
            client.send("\n\r\nGET /api/y HTTP/1.1\r\nHost: x\r\n\r\n")
            // The scripted server reads by Content-Length: to it the chunks begin a next request.
            let first = try await manager.next()
            first.connection.answer("1")
            #expect(try await client.answer().text == "1")
            client.close()
        }
        await manager.stop()
    }

    @Test("a connection on which the Manager was told of its end carries no other request")
    func lastRequest() async throws {
        let manager = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(), control: manager.port) { rig async throws in
            let last = "GET /api/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            #expect(try await rig.call(last).status == 200)
            #expect(try await rig.call(Rig.get("/api/y")).status == 200)
        }
        #expect(manager.connections.count == 2)
        await manager.stop()
    }

    @Test("a long-lived stream of the Manager passes on as it comes and ends with its client")
    func streams() async throws {
        let manager = try await ScriptedEngine()
        try await Rig.run(.chat(), control: manager.port) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.get("/api/projects/a/workloads/b/readiness-events"))
            let request = try await manager.next()
            request.connection.startStream()
            for index in 0..<5 {
                request.connection.event("\(index)")
                try await client.until("data: \(index)\n")
            }
            client.close()
            try await eventually("the Manager sees the end") {
                !request.connection.isOpen
            }
        }
        await manager.stop()
    }

    @Test("a HEAD has no body behind its length, and an interim answer is passed on")
    func headAndInterim() async throws {
        let manager = try await ScriptedEngine { request in
            if request.head.hasPrefix("HEAD") {
                request.connection.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n")
            } else {
                request.connection.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            }
        }
        try await Rig.run(.chat(), control: manager.port) { rig async throws in
            let client = try await rig.client()
            client.send("HEAD /api/x HTTP/1.1\r\nHost: x\r\n\r\nGET /api/y HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.answer(toHead: true).status == 200)
            #expect(try await client.answer().status == 100)
            #expect(try await client.answer().text == "ok")
            client.close()
        }
        await manager.stop()
    }

    @Test("with the Manager away the control plane says so in its own form, and calls go on")
    func managerAway() async throws {
        let manager = try refusingPort()
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port), control: manager) { rig async throws in
            let answer = try await rig.call(Rig.get("/api/projects/a/workloads"))
            #expect(answer.status == 503)
            let json = try JSONValue(parsing: answer.body)
            #expect(json["error"]?.stringValue == "unavailable")
            #expect(json["request_id"]?.stringValue == answer.header("x-request-id"))
            #expect(try await rig.call(Rig.post()).status == 200)
        }
        await engine.stop()
    }

    @Test("the relay is as strict about heads as the data plane")
    func strict() async throws {
        let manager = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(), control: manager.port) { rig async throws in
            for text in [
                "GET /api/x HTTP/1.1\nHost: x\n\n", "GET http://x/api HTTP/1.1\r\nHost: x\r\n\r\n",
                "POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "POST /api HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;a\r\nb\r\n0\r\n\r\n",
            ] {
                #expect(try await rig.call(text).status == 400)
            }
            #expect(manager.requests.isEmpty)
        }
        await manager.stop()
    }

    @Test("without a Manager behind it the Gateway says itself how it is")
    func standsAlone() async throws {
        try await Rig.run(.chat()) { rig async throws in
            #expect(try await rig.call(Rig.get("/healthz", key: nil)).text == #"{"status":"ok"}"#)
            #expect(try await rig.call(Rig.get("/readyz", key: nil)).status == 200)
            let metrics = try await rig.call(Rig.get("/metrics", key: nil))
            #expect(metrics.header("content-type")?.hasPrefix("text/plain") == true)
            #expect(metrics.text.contains("inferencekey_gateway_request_duration_seconds_bucket{le=\"0.01\"}"))
            let other = try await rig.call(Rig.get("/api/x", key: nil))
            #expect(other.status == 404)
            #expect(try JSONValue(parsing: other.body)["error"]?.stringValue == "not_found")
            #expect(try await rig.call("POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na").status == 405)
        }
        try await Rig.run(GatewayTables()) { rig async throws in
            #expect(try await rig.call(Rig.get("/readyz", key: nil)).status == 503)
        }
    }
}

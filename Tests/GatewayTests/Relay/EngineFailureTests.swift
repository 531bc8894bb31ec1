import Fleet
import InferenceKeyWire
import NIOCore
import NIOPosix
import Testing

@testable import Gateway

@Suite("engines that fail")
struct EngineFailureTests {
    @Test("an engine that dies before its answer, or answers garbage, is a well-formed 502")
    func beforeTheHead() async throws {
        let behaviours: [@Sendable (ScriptedEngine.Connection) -> Void] = [
            { $0.close() }, { $0.reset() },
            {
                $0.send("HTTP/1.1 200 OK\r\nconte"); $0.close()
            },
            { $0.send("SSH-2.0-OpenSSH\r\n\r\n") },
            { $0.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n") },
            { $0.send("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello") },
            { $0.send("HTTP/1.1 101 Switching Protocols\r\n\r\n") },
            { $0.send("HTTP/1.1 200 OK\r\nA: " + String(repeating: "x", count: 70_000)) },
            {
                $0.send(
                    "HTTP/1.1 500 Internal Server Error\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\n<h1>")
            },
            { $0.send("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n") },
        ]
        for behave in behaviours {
            let engine = try await ScriptedEngine { behave($0.connection) }
            try await Rig.run(.chat(engine.port)) { rig async throws in
                let client = try await rig.client()
                client.send(Rig.post())
                let answer = try await client.answer()
                #expect(answer.status == 502)
                #expect(try JSONValue(parsing: answer.body)["error"]?["code"]?.stringValue == "upstream_failed")
                // And the connection of the client is still good.
                client.send(Rig.post(key: nil))
                #expect(try await client.answer().status == 401)
                client.close()
                #expect(engine.requests.count == 1)
            }
            await engine.stop()
        }
    }

    @Test("errors of the engine in JSON pass on as they are")
    func engineErrors() async throws {
        let engine = try await ScriptedEngine {
            $0.connection.answer(#"{"error":{"message":"too long"}}"#, status: "400 Bad Request")
        }
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let answer = try await rig.call(Rig.post())
            #expect(answer.status == 400)
            #expect(answer.text == #"{"error":{"message":"too long"}}"#)
        }
        await engine.stop()
    }

    @Test(
        "a stream that breaks off ends with an error event and without [DONE], wherever it breaks",
        arguments: [
            "", "a\r\nda", "b\r\ndata: {1}\n\n\r\n", "b\r\ndata: {1}\n\n\r\n20\r\ndata: {\"x\":\"\u{e9}",
            "b\r\ndata: {1}\n\n\r\nzz\r\n", "b\r\ndata: {1}\n\n\r\n5\r\ndata:\r\n",
            "e\r\ndata: {1}\n\ndat\r\n", "e\r\ndata: {1}\n\ndat\r\n6\r\na: {\"x\r\n",
        ])
    func midStream(_ sent: String) async throws {
        let engine = try await ScriptedEngine { request in
            request.connection.startStream()
            request.connection.channel.writeAndFlush(ByteBuffer(string: sent)).whenComplete { _ in
                if !sent.contains("zz") { request.connection.close() }
            }
        }
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.post())
            let answer = try await client.answer()
            #expect(answer.status == 200)
            #expect(!answer.text.contains("[DONE]"))
            let events = answer.text.split(separator: "\n\n", omittingEmptySubsequences: true)
            let last = try #require(events.last)
            #expect(last.hasPrefix("data: {\"error\":"))
            #expect(
                try JSONValue(parsing: String(last.dropFirst(6)))["error"]?["code"]?.stringValue == "upstream_failed")
            #expect(events.dropLast().allSatisfy { $0 == "data: {1}" })
            // The framing was ended cleanly: the next request is answered.
            client.send(Rig.post(key: nil))
            #expect(try await client.answer().status == 401)
            client.close()
            #expect(await rig.metric("cut_streams_total") == 1)
        }
        await engine.stop()
    }

    @Test("an engine that stalls in a stream is cut by a deadline, with an error event")
    func stalls() async throws {
        let engine = try await ScriptedEngine { request in
            request.connection.startStream()
            request.connection.event("1")
        }
        try await Rig.run(.chat(engine.port), limits: { $0.upstreamIdle = .milliseconds(100) }) { rig async throws in
            let answer = try await rig.call(Rig.post())
            #expect(answer.text.contains("data: 1\n\n"))
            #expect(answer.text.contains("upstream_timeout"))
            #expect(!answer.text.contains("[DONE]"))
        }
        try await eventually("its connection is closed") {
            engine.connections.allSatisfy { !$0.isOpen }
        }
        await engine.stop()
    }

    @Test("an engine that does not answer at all is a 504")
    func neverAnswers() async throws {
        let engine = try await ScriptedEngine()
        try await Rig.run(.chat(engine.port), limits: { $0.upstreamHead = .milliseconds(100) }) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.post())
            let answer = try await client.answer()
            #expect(answer.status == 504)
            #expect(answer.text.contains("upstream_timeout"))
            client.close()
        }
        await engine.stop()
    }

    @Test("an engine that declares one length and sends less is cut; one that sends more gives what it declared")
    func wrongLength() async throws {
        let short = try await ScriptedEngine { request in
            request.connection.send(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{\"a\":")
            request.connection.close()
        }
        try await Rig.run(.chat(short.port)) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.post())
            try await client.untilClosed()
            #expect(client.text.hasSuffix("{\"a\":"))
        }
        await short.stop()
        let long = try await ScriptedEngine { request in
            request.connection.send(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n\r\nevil"
            )
        }
        try await Rig.run(.chat(long.port)) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.post())
            #expect(try await client.answer().text == "{}")
            client.send(Rig.post())
            #expect(try await client.answer().text == "{}")
            #expect(client.received.isEmpty)
            #expect(long.connections.count == 2)
            client.close()
        }
        await long.stop()
    }

    @Test("another replica is tried when one refuses the connection or answers 503")
    func triesElsewhere() async throws {
        let gone = try refusingPort()
        let busy = try await ScriptedEngine { $0.connection.answer("{}", status: "503 Service Unavailable") }
        let good = try await ScriptedEngine { $0.connection.answer(#"{"ok":1}"#) }
        try await Rig.run(.chat(gone, busy.port, good.port)) { rig async throws in
            for _ in 0..<10 { #expect(try await rig.call(Rig.post()).text == #"{"ok":1}"#) }
            #expect(await rig.metric("upstream_retries_total") > 0)
        }
        #expect(good.requests.count == 10)
        await busy.stop()
        await good.stop()
    }

    @Test("an engine that breaks off before its answer costs one try elsewhere, since the request may be what kills it")
    func onceElsewhere() async throws {
        let engines = [
            try await ScriptedEngine { $0.connection.close() }, try await ScriptedEngine { $0.connection.close() },
            try await ScriptedEngine { $0.connection.close() },
        ]
        try await Rig.run(.chat(engines[0].port, engines[1].port, engines[2].port)) { rig async throws in
            for _ in 0..<6 { #expect(try await rig.call(Rig.post()).status == 502) }
        }
        #expect(engines.map(\.requests.count).reduce(0, +) == 12)
        for engine in engines { await engine.stop() }
    }

    @Test("a replica that the kernel refuses at once leaves the one that is tried instead with its client")
    func refusedAtOnce() async throws {
        let engine = try await ScriptedEngine()
        var tables = GatewayTables.chat(1, engine.port)
        tables.endpoints[0].upstreams[0].host = "255.255.255.255"
        try await Rig.run(tables) { rig async throws in
            for _ in 0..<4 {
                let client = try await rig.client()
                client.send(Rig.post())
                let connection = try await engine.next().connection
                connection.startStream()
                connection.event("1")
                try await client.until("data: 1")
                client.close()
                try await eventually("the engine is let go") { !connection.isOpen }
            }
            #expect(await rig.metric("upstream_retries_total") > 0)
        }
        await engine.stop()
    }

    @Test("an engine that works on a request for a while and resets is not asked again")
    func lateReset() async throws {
        let engine = try await ScriptedEngine()
        try await Rig.run(.chat(engine.port), limits: { $0.staleWindow = .nanoseconds(0) }) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.post())
            try await engine.next().connection.answer("{}")
            _ = try await client.answer()
            client.send(Rig.post())
            try await engine.next().connection.reset()
            #expect(try await client.answer().status == 502)
            client.close()
        }
        #expect(engine.requests.count == 2)
        await engine.stop()
    }

    @Test("an engine that refuses the Gateway's key is at fault, not the client")
    func engineRefusesKey() async throws {
        let strict = try await ScriptedEngine {
            $0.connection.answer(#"{"error":"Unauthorized"}"#, status: "401 Unauthorized")
        }
        let good = try await ScriptedEngine { $0.connection.answer(#"{"ok":1}"#) }
        try await Rig.run(.chat(strict.port)) { rig async throws in
            let answer = try await rig.call(Rig.post())
            #expect(answer.status == 502)
            #expect(answer.text.contains("upstream_failed"))
        }
        try await Rig.run(.chat(strict.port, good.port)) { rig async throws in
            for _ in 0..<4 { #expect(try await rig.call(Rig.post()).text == #"{"ok":1}"#) }
        }
        await strict.stop()
        await good.stop()
    }

    @Test("a length that an engine gives an answer without a body is not passed on")
    func lengthOfNothing() async throws {
        let engine = try await ScriptedEngine {
            $0.connection.send("HTTP/1.1 204 No Content\r\ncontent-length: 5\r\nx-odd: 1\r\n\r\n")
        }
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.post())
            try await client.until("x-odd: 1\r\n")
            #expect(!client.text.contains("content-length"))
            client.close()
        }
        await engine.stop()
    }

    @Test("no other replica is tried once a byte of the answer has come")
    func neverTwice() async throws {
        let dying = try await ScriptedEngine {
            $0.connection.send("HTTP/1.1 200 O")
            $0.connection.close()
        }
        let other = try await ScriptedEngine { $0.connection.answer(#"{"ok":1}"#) }
        try await Rig.run(.chat(dying.port)) { rig async throws in
            #expect(try await rig.call(Rig.post()).status == 502)
        }
        try await Rig.run(.chat(dying.port, other.port)) { rig async throws in
            for _ in 0..<6 { _ = try await rig.call(Rig.post()) }
        }
        #expect(dying.requests.count + other.requests.count == 7)
        await dying.stop()
        await other.stop()
    }

    @Test("a 503 from the only replica, or a refused connection, is told to the client")
    func nobodyElse() async throws {
        let busy = try await ScriptedEngine {
            $0.connection.answer(#"{"error":"busy"}"#, status: "503 Service Unavailable")
        }
        try await Rig.run(.chat(busy.port)) { rig async throws in
            let answer = try await rig.call(Rig.post())
            #expect(answer.status == 503)
            #expect(answer.text == #"{"error":"busy"}"#)
        }
        await busy.stop()
        try await Rig.run(.chat(try refusingPort())) { rig async throws in
            let answer = try await rig.call(Rig.post())
            #expect(answer.status == 502)
            #expect(answer.text.contains("upstream_failed"))
        }
    }

    @Test("a kept connection that turns out dead is replaced without the client noticing")
    func staleConnection() async throws {
        let engine = try await ScriptedEngine()
        try await Rig.run(.chat(engine.port), limits: { $0.staleWindow = .seconds(60) }) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.post())
            let first = try await engine.next()
            first.connection.answer("{}")
            _ = try await client.answer()
            client.send(Rig.post())
            let second = try await engine.next()
            #expect(second.connection === first.connection)
            // It closes instead of answering: what a server does that was about to close anyway.
            second.connection.close()
            let third = try await engine.next()
            #expect(third.connection !== first.connection)
            third.connection.answer(#"{"ok":1}"#)
            #expect(try await client.answer().text == #"{"ok":1}"#)
            client.close()
        }
        await engine.stop()
    }
}

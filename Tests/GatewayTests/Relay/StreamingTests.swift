import Fleet
import InferenceKeyWire
import NIOCore
import Testing

@testable import Gateway

@Suite("streaming")
struct StreamingTests {
    @Test("events pass on as they arrive, chunk framing and all, byte for byte")
    func byteExact() async throws {
        let engine = try await ScriptedEngine()
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.post(#"{"model":"tiny","stream":true}"#))
            let request = try await engine.next()
            request.connection.startStream()
            try await client.until("text/event-stream")
            var sent = ""
            for index in 0..<200 {
                let event = "data: {\"n\":\(index),\"t\":\"é😀\"}\n\n"
                request.connection.chunk(event)
                sent += event
                if index % 50 == 0 { try await client.until("\"n\":\(index),") }
            }
            request.connection.chunk("data: [DONE]\n\n")
            request.connection.endStream()
            let answer = try await client.answer()
            #expect(answer.text == sent + "data: [DONE]\n\n")
            #expect(answer.rawBody.count > answer.body.count)
            // The connection lives on.
            client.send(Rig.get("/endpoint/acme/chat/v1/models"))
            try await engine.next().connection.answer("{}")
            #expect(try await client.answer().status == 200)
            client.close()
        }
        await engine.stop()
    }

    @Test("what the engine sends in any pieces reaches the client whole", arguments: [1, 2, 3, 7, 31])
    func anyPieces(_ size: Int) async throws {
        let stream =
            ScriptedEngine.Connection.streamHead
            + "10\r\ndata: {\"a\":\"b\"}\n\r\n1\r\n\n\r\n1a\r\ndata: 1\n\n: ping\n\ndata: 2\n\n\r\n0\r\n\r\n"
        let engine = try await ScriptedEngine { request in
            var rest = Array(stream.utf8)[...]
            while !rest.isEmpty {
                request.connection.send(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
        }
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let answer = try await rig.call(Rig.post())
            #expect(answer.text == "data: {\"a\":\"b\"}\n\ndata: 1\n\n: ping\n\ndata: 2\n\n")
        }
        await engine.stop()
    }

    @Test("when the client leaves, the engine's connection is closed")
    func clientLeaves() async throws {
        let engine = try await ScriptedEngine()
        try await Rig.run(.chat(engine.port)) { rig async throws in
            for streams in [false, true] {
                let client = try await rig.client()
                client.send(Rig.post())
                let request = try await engine.next()
                if streams {
                    request.connection.startStream()
                    request.connection.event("1")
                    try await client.until("data: 1")
                }
                client.close()
                try await eventually("the engine sees the end") {
                    !request.connection.isOpen
                }
            }
            #expect(await rig.metric("clients_left_total") == 2)
            #expect(await rig.metric("in_flight") == 0)
        }
        await engine.stop()
    }

    @Test("a hundred clients that leave at once leave nothing behind")
    func manyLeave() async throws {
        let engine = try await ScriptedEngine { request in
            request.connection.startStream()
            request.connection.event("1")
        }
        try await Rig.run(.chat(engine.port), loops: 2) { rig async throws in
            var clients: [WireClient] = []
            for _ in 0..<100 {
                let client = try await rig.client()
                client.send(Rig.post())
                clients.append(client)
            }
            for client in clients { try await client.until("data: 1") }
            for client in clients { client.close() }
            try await eventually("every connection to the engine is closed") {
                engine.connections.allSatisfy { !$0.isOpen }
            }
            try await eventually("nothing is in flight") { await rig.metric("in_flight") == 0 }
            #expect(await rig.metric("clients_left_total") == 100)
        }
        await engine.stop()
    }

    @Test("a slow reader holds back its own stream, with bounded memory, and others go on")
    func slowReader() async throws {
        let engine = try await ScriptedEngine()
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let slow = try await rig.client(reads: false, receiveBufferBytes: 4096)
            slow.send(Rig.post())
            let request = try await engine.next()
            request.connection.startStream()
            let event = String(repeating: "x", count: 16_000)
            // Far more than all buffers between them hold.
            let total = 64 << 20
            let sent = Counter()
            Task {
                var count = 0
                while count < total, request.connection.channel.isActive {
                    try await request.connection.channel.writeAndFlush(
                        ByteBuffer(string: "\(String(event.utf8.count + 8, radix: 16))\r\ndata: \(event)\n\n\r\n"))
                    count += event.utf8.count
                    sent.set(count)
                }
            }
            // The engine's writes come to a halt well before the end.
            var last = -1
            try await eventually("the engine is held back") {
                let now = sent.value
                try await Task.sleep(for: .milliseconds(100))
                defer { last = now }
                return now > 0 && now == last
            }
            #expect(sent.value < 24 << 20)
            let other = try await rig.client()
            other.send(Rig.post())
            try await engine.next().connection.answer("{}")
            #expect(try await other.answer().status == 200)
            slow.close()
            try await eventually("the slow one's engine is let go") {
                !request.connection.isOpen
            }
            other.close()
        }
        await engine.stop()
    }

    @Test("an event that ends in the middle of a chunk is passed on when it has ended", arguments: [1, 3, 64])
    func eventsAcrossChunks(_ pieceBytes: Int) async throws {
        let engine = try await ScriptedEngine()
        let sent = ["data: 1\n\nda", "ta: 2\r\n\r\nid: 3\n", "data: 3\n\ndata: [DONE]\n\n"]
        let seen = ["data: 1\n\n", "data: 2\r\n\r\n", "data: [DONE]\n\n"]
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.post())
            let request = try await engine.next()
            request.connection.startStream()
            for (chunk, events) in zip(sent, seen) {
                let bytes = Array("\(String(chunk.utf8.count, radix: 16))\r\n\(chunk)\r\n".utf8)
                for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
                    request.connection.send(Array(bytes[start..<min(bytes.count, start + pieceBytes)]))
                }
                try await client.until(events)
            }
            request.connection.endStream()
            #expect(try await client.answer().text == sent.joined())
            client.close()
        }
        await engine.stop()
    }

    @Test("a stream without framing that is reset in an event tells the error instead of that event")
    func unframedStreamIsReset() async throws {
        let engine = try await ScriptedEngine()
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.post())
            let request = try await engine.next()
            request.connection.send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\ndata: 2")
            try await client.until("data: 1\n\n")
            request.connection.reset()
            let answer = try await client.answer()
            #expect(answer.text.hasPrefix("data: 1\n\ndata: {\"error\":"))
            client.close()
        }
        await engine.stop()
    }

    @Test("an answer that lasts until the engine closes is put into chunks")
    func untilClose() async throws {
        let engine = try await ScriptedEngine { request in
            request.connection.send("HTTP/1.1 200 OK\r\ncontent-type: audio/wav\r\n\r\nRIFF1234")
            request.connection.close()
        }
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let answer = try await rig.call(Rig.post())
            #expect(answer.header("transfer-encoding") == "chunked")
            #expect(answer.text == "RIFF1234")
        }
        await engine.stop()
    }
}

import Fleet
import InferenceKeyWire
import Testing

@testable import Gateway

@Suite("waiting for room at a replica")
struct QueueTests {
    private static func limits(_ concurrency: Int, length: Int = 16, wait: Int = 10_000) -> EndpointLimits {
        EndpointLimits(
            replicaConcurrency: concurrency,
            queue: EndpointLimits.Queue(length: length, maxWaitMilliseconds: wait))
    }

    @Test(
        "a request waits while every replica is full and goes on when one is not, on whatever loop", arguments: [1, 3])
    func waits(_ loops: Int) async throws {
        let engine = try await ScriptedEngine()
        try await Rig.run(.chat(engine.port).limited(Self.limits(1)), loops: loops) { rig async throws in
            var clients: [WireClient] = []
            for _ in 0..<6 {
                let client = try await rig.client()
                client.send(Rig.post())
                clients.append(client)
            }
            try await eventually("five wait") { await rig.metric("queue_waiting") == 5 }
            for served in 1...6 {
                let request = try await engine.next()
                #expect(engine.requests.count == served)
                request.connection.answer("{}")
            }
            for client in clients {
                #expect(try await client.answer().status == 200)
                client.close()
            }
            #expect(await rig.metric("queue_waiting") == 0)
            #expect(await rig.metric("queue_wait_seconds_count") == 5)
        }
        await engine.stop()
    }

    @Test(
        "three times as many as fit: as many are served as fit, the engines are never overrun, the rest hears at once")
    func overload() async throws {
        let engines = [try await ScriptedEngine(), try await ScriptedEngine()]
        let tables = GatewayTables.chat(engines[0].port, engines[1].port).limited(Self.limits(4, length: 16))
        try await Rig.run(tables, loops: 2) { rig async throws in
            var clients: [WireClient] = []
            for _ in 0..<72 {
                let client = try await rig.client()
                client.send(Rig.post())
                clients.append(client)
            }
            // 8 are open, 16 wait, 48 are turned away.
            try await eventually("the rest is turned away") { await rig.metric("queue_turned_away_total") == 48 }
            #expect(await rig.metric("queue_waiting") == 16)
            var answered = [0, 0]
            for _ in 0..<24 {
                let open = try await eventually("a request is open") {
                    let open = engines.indices.map { engines[$0].requests.count - answered[$0] }
                    #expect(open.allSatisfy { $0 <= 4 })
                    return open.contains { $0 > 0 } ? open : nil
                }
                let busier = open[0] >= open[1] ? 0 : 1
                answered[busier] += 1
                try await engines[busier].next().connection.answer("{}")
            }
            var statuses: [Int: Int] = [:]
            for client in clients {
                let answer = try await client.answer()
                statuses[answer.status, default: 0] += 1
                if answer.status == 503 {
                    #expect(answer.text.contains("no_capacity"))
                    #expect(answer.text.contains("newest is turned away"))
                    #expect(answer.header("retry-after-ms") != nil)
                }
                client.close()
            }
            #expect(statuses == [200: 24, 503: 48])
        }
        for engine in engines { await engine.stop() }
    }

    @Test("who waits too long is told so and leaves the line")
    func deadline() async throws {
        let engine = try await ScriptedEngine()
        try await Rig.run(.chat(engine.port).limited(Self.limits(1, wait: 20))) { rig async throws in
            let first = try await rig.client()
            first.send(Rig.post())
            let held = try await engine.next()
            let refused = try await rig.call(Rig.post())
            #expect(refused.status == 503)
            #expect(refused.text.contains("no_capacity"))
            #expect(refused.header("retry-after-ms") != nil)
            #expect(await rig.metric("queue_waiting") == 0)
            #expect(await rig.metric("queue_expired_total") == 1)
            held.connection.answer("{}")
            #expect(try await first.answer().status == 200)
            #expect(engine.requests.count == 1)
            first.close()
        }
        await engine.stop()
    }

    @Test("a client that leaves leaves the line, and its turn goes to the next")
    func leaves() async throws {
        let engine = try await ScriptedEngine()
        try await Rig.run(.chat(engine.port).limited(Self.limits(1)), loops: 2) { rig async throws in
            let first = try await rig.client()
            first.send(Rig.post())
            let held = try await engine.next()
            let second = try await rig.client()
            second.send(Rig.post(headers: "x-request-id: second\r\n"))
            try await eventually("the second waits") { await rig.metric("queue_waiting") == 1 }
            second.close()
            try await eventually("nobody waits") { await rig.metric("queue_waiting") == 0 }
            let third = try await rig.client()
            third.send(Rig.post(headers: "x-request-id: third\r\n"))
            try await eventually("the third waits") { await rig.metric("queue_waiting") == 1 }
            held.connection.answer("{}")
            let next = try await engine.next()
            #expect(next.header("x-request-id") == "third")
            next.connection.answer("{}")
            #expect(try await third.answer().status == 200)
            first.close()
            third.close()
        }
        await engine.stop()
    }

    @Test("keys take turns: one with many waiting requests does not hold up another")
    func fair() async throws {
        let engine = try await ScriptedEngine()
        var tables = GatewayTables.chat(engine.port).limited(Self.limits(1))
        tables.keys.append(.of(Rig.other))
        try await Rig.run(tables, loops: 2) { rig async throws in
            let first = try await rig.client()
            first.send(Rig.post())
            let held = try await engine.next()
            var clients = [first]
            for count in 1...5 {
                let client = try await rig.client()
                client.send(Rig.post())
                clients.append(client)
                try await eventually("\(count) wait") { await rig.metric("queue_waiting") == count }
            }
            let other = try await rig.client()
            other.send(Rig.post(key: Rig.other.revealed, headers: "x-request-id: other\r\n"))
            clients.append(other)
            try await eventually("six wait") { await rig.metric("queue_waiting") == 6 }
            held.connection.answer("{}")
            try await engine.next().connection.answer("{}")
            // The second in the line is the other key's only one.
            #expect(try await engine.next().header("x-request-id") == "other")
            for client in clients { client.close() }
        }
        await engine.stop()
    }

    @Test("when the limit goes, those who wait go on")
    func limitLifted() async throws {
        let engine = try await ScriptedEngine()
        let tables = GatewayTables.chat(engine.port)
        try await Rig.run(tables.limited(Self.limits(1)), loops: 2) { rig async throws in
            let clients = [try await rig.client(), try await rig.client()]
            for client in clients { client.send(Rig.post()) }
            _ = try await engine.next()
            try await eventually("one waits") { await rig.metric("queue_waiting") == 1 }
            try await rig.gateway.install(tables)
            _ = try await engine.next()
            #expect(await rig.metric("queue_waiting") == 0)
            for client in clients { client.close() }
        }
        await engine.stop()
    }

    @Test("when a replica comes, those who wait go to it")
    func replicaComes() async throws {
        let engines = [try await ScriptedEngine(), try await ScriptedEngine()]
        try await Rig.run(.chat(engines[0].port).limited(Self.limits(1))) { rig async throws in
            let clients = [try await rig.client(), try await rig.client()]
            for client in clients { client.send(Rig.post()) }
            _ = try await engines[0].next()
            try await eventually("one waits") { await rig.metric("queue_waiting") == 1 }
            try await rig.gateway.install(
                .chat(engines[0].port, engines[1].port).limited(Self.limits(1)))
            _ = try await engines[1].next()
            for client in clients { client.close() }
        }
        for engine in engines { await engine.stop() }
    }
}

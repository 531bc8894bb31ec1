import Fleet
import InferenceKeyWire
import Testing

@testable import Gateway

@Suite("the policy of a workload")
struct RoutingTests {
    /// Three engines that answer with their number.
    private static func engines(_ body: ([ScriptedEngine]) async throws -> Void) async throws {
        var engines: [ScriptedEngine] = []
        for number in 0..<3 {
            engines.append(try await ScriptedEngine { $0.connection.answer("{\"engine\":\(number)}") })
        }
        try await body(engines)
        for engine in engines { await engine.stop() }
    }

    private static func tables(_ engines: [ScriptedEngine]) -> GatewayTables {
        .chat(engines[0].port, engines[1].port, engines[2].port)
    }

    private static func chat(_ text: String, user: String? = nil) -> String {
        let user = user.map { #""user":"\#($0)","# } ?? ""
        return #"{"model":"tiny",\#(user)"messages":[{"role":"user","content":"\#(text)"}]}"#
    }

    @Test("round_robin takes each in its turn")
    func roundRobin() async throws {
        try await Self.engines { engines in
            try await Rig.run(Self.tables(engines).routed(.roundRobin)) { rig async throws in
                for _ in 0..<9 { _ = try await rig.call(Rig.post()) }
                #expect(engines.map(\.requests.count) == [3, 3, 3])
                #expect(await rig.metric("choices_total{policy=\"round_robin\"}") == 9)
            }
        }
    }

    @Test("session sends what names one session to one replica, over all loops", arguments: ["header", "user"])
    func session(_ kind: String) async throws {
        try await Self.engines { engines in
            let tables = Self.tables(engines).routed(.session, sessionHeader: "x-session-id")
            try await Rig.run(tables, loops: 3) { rig async throws in
                var answers: [String: Set<String>] = [:]
                for call in 0..<60 {
                    let session = "s\(call % 10)"
                    let request =
                        kind == "header"
                        ? Rig.post(headers: "X-Session-ID: \(session)\r\n") : Rig.post(Self.chat("hi", user: session))
                    answers[session, default: []].insert(try await rig.call(request).text)
                }
                #expect(answers.count == 10)
                #expect(answers.values.allSatisfy { $0.count == 1 })
                #expect(engines.filter { !$0.requests.isEmpty }.count > 1)
                #expect(await rig.metric("sessionless_total") == 0)
            }
        }
    }

    @Test("a request that names no session goes to the least busy and is counted")
    func sessionless() async throws {
        try await Self.engines { engines in
            try await Rig.run(Self.tables(engines).routed(.session)) { rig async throws in
                for _ in 0..<3 { #expect(try await rig.call(Rig.post()).status == 200) }
                #expect(await rig.metric("sessionless_total") == 3)
            }
        }
    }

    @Test("prefix sends what begins alike to one replica, over all loops, whatever stands before the messages")
    func prefix() async throws {
        try await Self.engines { engines in
            try await Rig.run(Self.tables(engines).routed(.prefix), loops: 3) { rig async throws in
                var random = SeededRandom(state: 9)
                var answers: [Int: Set<String>] = [:]
                let documents = (0..<6).map { _ in
                    String(decoding: random.text(8000).map { $0 == 0x22 || $0 == 0x5C ? 0x20 : $0 }, as: UTF8.self)
                }
                for call in 0..<36 {
                    let text = documents[call % 6] + " question \(call)"
                    let body = Self.chat(text, user: "caller-\(call)")
                    answers[call % 6, default: []].insert(try await rig.call(Rig.post(body)).text)
                }
                #expect(answers.count == 6)
                #expect(answers.values.allSatisfy { $0.count == 1 })
                #expect(engines.allSatisfy { $0.requests.count == 12 })
                #expect(await rig.metric("prefix_hits_total") == 30)
            }
        }
    }

    @Test("prefix learns where a request went that had to wait for room")
    func prefixAfterWaiting() async throws {
        let engines = [try await ScriptedEngine(), try await ScriptedEngine()]
        let tables = GatewayTables.chat(engines[0].port, engines[1].port).routed(.prefix)
            .limited(EndpointLimits(replicaConcurrency: 1))
        try await Rig.run(tables) { rig async throws in
            var clients: [WireClient] = []
            for document in ["a", "b", "c"] {
                let client = try await rig.client()
                client.send(Rig.post(Self.chat(String(repeating: document, count: 4000))))
                clients.append(client)
                let isOpen = clients.count
                try await eventually("it is open or waits") {
                    let waiting = await rig.metric("queue_waiting")
                    return engines.map(\.requests.count).reduce(0, +) + waiting == isOpen
                }
            }
            // Each has one; the third gets the room of the first that is answered.
            try await engines[0].next().connection.answer("{}")
            try await engines[0].next().connection.answer("{}")
            try await engines[1].next().connection.answer("{}")
            for client in clients { #expect(try await client.answer().status == 200) }
            let again = clients[2]
            again.send(Rig.post(Self.chat(String(repeating: "c", count: 4000) + " and another question")))
            try await engines[0].next().connection.answer("{}")
            #expect(try await again.answer().status == 200)
            #expect(await rig.metric("prefix_hits_total") == 1)
            for client in clients { client.close() }
        }
        for engine in engines { await engine.stop() }
    }

    @Test("another policy holds from the next request on, and nothing is closed for it")
    func switched() async throws {
        try await Self.engines { engines in
            let tables = Self.tables(engines)
            try await Rig.run(tables) { rig async throws in
                let client = try await rig.client()
                client.send(Rig.post())
                #expect(try await client.answer().status == 200)
                try await rig.gateway.install(tables.routed(.roundRobin))
                for _ in 0..<3 {
                    client.send(Rig.post())
                    #expect(try await client.answer().status == 200)
                }
                #expect(await rig.metric("choices_total{policy=\"least_inflight\"}") == 1)
                #expect(await rig.metric("choices_total{policy=\"round_robin\"}") == 3)
                client.close()
            }
        }
    }
}

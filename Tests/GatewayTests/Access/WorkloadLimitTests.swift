import Fleet
import InferenceKeyWire
import Testing

@testable import Gateway

@Suite("limits of a workload")
struct WorkloadLimitTests {
    private static func tables(_ port: Int, _ rate: KeyLimits, key: KeyLimits = KeyLimits()) -> GatewayTables {
        var tables = GatewayTables.chat(port, limits: key).limited(EndpointLimits(rate: rate))
        tables.keys.append(.of(Rig.other))
        return tables
    }

    @Test("hold for all keys together, over all loops")
    func concurrency() async throws {
        let engine = try await ScriptedEngine()
        try await Rig.run(Self.tables(engine.port, KeyLimits(concurrency: 2)), loops: 3) { rig async throws in
            let clients = [try await rig.client(), try await rig.client()]
            clients[0].send(Rig.post())
            clients[1].send(Rig.post(key: Rig.other.revealed))
            let held = [try await engine.next(), try await engine.next()]
            let refused = try await rig.call(Rig.post())
            #expect(refused.status == 429)
            #expect(refused.text.contains("this workload's limit of 2 open requests"))
            #expect(refused.text.contains("rate_limited"))
            #expect(refused.header("retry-after-ms") == "1000")
            for request in held { request.connection.answer("{}") }
            for client in clients { #expect(try await client.answer().status == 200) }
            clients[0].send(Rig.post())
            try await engine.next().connection.answer("{}")
            #expect(try await clients[0].answer().status == 200)
            for client in clients { client.close() }
        }
        await engine.stop()
    }

    @Test("the headers tell the closer of both limits")
    func headers() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        let tables = Self.tables(
            engine.port, KeyLimits(requestsPerMinute: 50, tokensPerMinute: 900),
            key: KeyLimits(requestsPerMinute: 100, tokensPerMinute: 500))
        try await Rig.run(tables) { rig async throws in
            let answer = try await rig.call(Rig.post())
            #expect(answer.header("x-ratelimit-limit-requests") == "50")
            #expect(answer.header("x-ratelimit-limit-tokens") == "500")
            #expect(answer.header("x-ratelimit-remaining-requests").flatMap { Int($0) } ?? 0 >= 49)
        }
        await engine.stop()
    }

    @Test("what the workload refuses costs the key nothing")
    func takenBack() {
        let meter = KeyMeter()
        let limits = KeyLimits(requestsPerMinute: 2, concurrency: 1)
        for _ in 0..<5 {
            #expect(meter.enter(limits, milliseconds: 1000).refusedBy == nil)
            meter.takeBack(milliseconds: 1000)
        }
        #expect(meter.enter(limits, milliseconds: 1000).remainingRequests == 1)
    }

    @Test("what the key refuses costs the workload nothing")
    func keyFirst() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        let tables = Self.tables(
            engine.port, KeyLimits(requestsPerMinute: 3), key: KeyLimits(requestsPerMinute: 1))
        try await Rig.run(tables) { rig async throws in
            for _ in 0..<6 { _ = try await rig.call(Rig.post()) }
            // A minute may have ended in between.
            #expect([1, 2].contains(engine.requests.count))
            #expect(try await rig.call(Rig.post(key: Rig.other.revealed)).status == 200)
        }
        await engine.stop()
    }

    @Test("exactly as many are let in as may be, whatever the number of threads")
    func exact() async {
        let meter = KeyMeter()
        let limits = KeyLimits(requestsPerMinute: 1000)
        let admitted = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<500).reduce(0) { count, _ in
                        count + (meter.enter(limits, milliseconds: 5000).refusedBy == nil ? 1 : 0)
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(admitted == 1000)
    }
}

import Fleet
import InferenceKeyWire
import Testing

@testable import Gateway

@Suite("limits of a key")
struct LimitTests {
    @Test("requests over the limit of a minute are refused and say when to come back")
    func requestsPerMinute() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port, limits: KeyLimits(requestsPerMinute: 100))) { rig async throws in
            let answer = try await rig.call(Rig.post())
            #expect(answer.header("x-ratelimit-limit-requests") == "100")
            #expect(answer.header("x-ratelimit-remaining-requests") == "99")
            #expect(answer.header("x-ratelimit-reset-requests")?.hasSuffix("ms") == true)
        }
        let limited = KeyMeter()
        let limits = KeyLimits(requestsPerMinute: 2)
        #expect(limited.enter(limits, milliseconds: 1000).refusedBy == nil)
        #expect(limited.enter(limits, milliseconds: 2000).remainingRequests == 0)
        let refused = limited.enter(limits, milliseconds: 3000)
        #expect(refused.refusedBy == .requests)
        #expect(refused.refusal?.error.retryAfterMilliseconds == 57_000)
        #expect(limited.enter(limits, milliseconds: 60_000).refusedBy == nil)
        await engine.stop()
    }

    @Test("a loop whose clock is a little behind counts in the minute that has begun elsewhere")
    func turnOfTheMinute() {
        let limits = KeyLimits(requestsPerMinute: 3, tokensPerMinute: 100)
        let meter = KeyMeter()
        #expect(meter.enter(limits, milliseconds: 60_010).refusedBy == nil)
        #expect(meter.enter(limits, milliseconds: 59_990).remainingRequests == 1)
        #expect(meter.enter(limits, milliseconds: 60_010).remainingRequests == 0)
        #expect(meter.enter(limits, milliseconds: 59_990).refusedBy == .requests)
        meter.leave(tokens: 60, milliseconds: 60_010)
        meter.leave(tokens: 40, milliseconds: 59_990)
        #expect(meter.enter(limits, milliseconds: 59_990).refusedBy != nil)
        let tokens = KeyLimits(tokensPerMinute: 100)
        #expect(meter.enter(tokens, milliseconds: 60_010).refusedBy == .tokens)
        #expect(meter.enter(tokens, milliseconds: 120_000).refusedBy == nil)
    }

    @Test("tokens of finished requests count against the next ones of the minute")
    func tokensPerMinute() async throws {
        let engine = try await ScriptedEngine {
            $0.connection.answer(#"{"usage":{"prompt_tokens":60,"completion_tokens":40}}"#)
        }
        try await Rig.run(.chat(engine.port, limits: KeyLimits(tokensPerMinute: 100))) { rig async throws in
            let statuses = [try await rig.call(Rig.post()), try await rig.call(Rig.post())].map(\.status)
            // A minute may have ended in between.
            #expect(statuses == [200, 429] || statuses == [200, 200])
        }
        await engine.stop()
    }

    @Test("open requests over the limit are refused until one is over")
    func concurrency() async throws {
        let engine = try await ScriptedEngine()
        try await Rig.run(.chat(engine.port, limits: KeyLimits(concurrency: 1)), loops: 2) { rig async throws in
            let first = try await rig.client()
            first.send(Rig.post())
            let held = try await engine.next()
            let refused = try await rig.call(Rig.post())
            #expect(refused.status == 429)
            #expect(refused.header("retry-after-ms") == "1000")
            #expect(refused.text.contains("rate_limit_error"))
            held.connection.answer("{}")
            #expect(try await first.answer().status == 200)
            let second = try await rig.client()
            second.send(Rig.post())
            try await engine.next().connection.answer("{}")
            #expect(try await second.answer().status == 200)
            #expect(await rig.metric("rate_limited_total") == 1)
            first.close()
            second.close()
        }
        await engine.stop()
    }
}

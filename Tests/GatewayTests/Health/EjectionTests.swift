import Testing

@testable import Gateway

@Suite("replicas that let requests down")
struct EjectionTests {
    @Test("one that cannot be reached is left out after one request, and no caller notices")
    func unreachable() async throws {
        let dead = try refusingPort()
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(dead, engine.port)) { rig async throws in
            for _ in 0..<20 { #expect(try await rig.call(Rig.post()).status == 200) }
            #expect(await rig.metric("ejections_total") == 1)
            #expect(await rig.metric("upstream_retries_total") == 1)
            try await eventually("the sweep has seen it") { await rig.metric("ejected_replicas") == 1 }
        }
        await engine.stop()
    }

    @Test("three answers of 500 in a row eject one; it is looked at again and readmitted when it answers")
    func serverErrors() async throws {
        let isBroken = Counter()
        isBroken.set(1)
        let sick = try await ScriptedEngine { request in
            request.connection.answer("{}", status: isBroken.value == 1 ? "500 Internal Server Error" : "200 OK")
        }
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(
            .chat(sick.port, engine.port), limits: { $0.health.firstMilliseconds = 100 }
        ) { rig async throws in
            var failures = 0
            for _ in 0..<12 { if try await rig.call(Rig.post()).status == 500 { failures += 1 } }
            #expect(failures >= 3)
            #expect(await rig.metric("ejections_total") >= 1)
            isBroken.set(0)
            try await eventually("it is readmitted") {
                _ = try await rig.call(Rig.post())
                return await rig.metric("readmissions_total") == 1
            }
            let before = sick.requests.count
            for _ in 0..<4 { #expect(try await rig.call(Rig.post()).status == 200) }
            #expect(sick.requests.count > before)
        }
        await sick.stop()
        await engine.stop()
    }

    @Test("the only one is never left out")
    func only() async throws {
        let sick = try await ScriptedEngine { $0.connection.answer("{}", status: "500 Internal Server Error") }
        try await Rig.run(.chat(sick.port)) { rig async throws in
            for _ in 0..<8 { #expect(try await rig.call(Rig.post()).status == 500) }
            #expect(sick.requests.count == 8)
            #expect(await rig.metric("ejections_total") == 0)
        }
        await sick.stop()
    }

    @Test("of two that both fail one goes on being tried")
    func bothFail() async throws {
        try await Rig.run(.chat(try refusingPort(), try refusingPort())) { rig async throws in
            for _ in 0..<6 { #expect(try await rig.call(Rig.post()).status == 502) }
            #expect(await rig.metric("ejections_total") == 1)
        }
    }
}

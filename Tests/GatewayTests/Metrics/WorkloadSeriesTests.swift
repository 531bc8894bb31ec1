import Fleet
import InferenceKeyWire
import Testing

@testable import Gateway

@Suite("series of workloads")
struct WorkloadSeriesTests {
    @Test(
        "a request counts in its workload's series until the workload is removed; one that reaches none, in that of none"
    )
    func life() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer(#"{"usage":{"prompt_tokens":3}}"#) }
        let tables = GatewayTables.chat(engine.port)
        try await Rig.run(tables, loops: 2) { rig async throws in
            #expect(try await rig.call(Rig.post()).status == 200)
            #expect(try await rig.call(Rig.post(key: nil)).status == 401)
            let place = "project=\"acme\",workload=\"chat\""
            let text = await rig.gateway.metricsText()
            for line in [
                "requests_total{\(place),code_class=\"2xx\",outcome=\"finished\"} 1",
                "requests_total{code_class=\"4xx\",outcome=\"refused\"} 1", "tokens_total{\(place),type=\"input\"} 3",
                "workload_in_flight{\(place)} 0", "request_duration_seconds_count{\(place)} 1",
                "request_duration_seconds_count 1", "time_to_first_token_seconds_count{\(place)} 0",
            ] {
                #expect(text.contains("inferencekey_gateway_\(line)\n"), "\(line)")
            }
            try await rig.gateway.install(GatewayTables(version: 2, endpoints: [], keys: tables.keys))
            let after = await rig.gateway.metricsText()
            #expect(!after.contains("workload=\"chat\""))
        }
        await engine.stop()
    }

    @Test("two tenants' workloads of the same names count in one series, which lasts as long as either")
    func sameNames() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        var tables = GatewayTables.chat(engine.port)
        var second = tables.endpoints[0]
        second.tenantID = ID("tn_2")
        second.projectID = ID("pr_2")
        second.upstreams[0].replicaID = ID("rp_2")
        tables.endpoints.append(second)
        tables.keys.append(.of(Rig.other, tenant: ID("tn_2"), project: ID("pr_2")))
        try await Rig.run(tables) { rig async throws in
            #expect(try await rig.call(Rig.post()).status == 200)
            #expect(try await rig.call(Rig.post(key: Rig.other.revealed)).status == 200)
            tables.endpoints.removeFirst()
            tables.version = 2
            try await rig.gateway.install(tables)
            #expect(try await rig.call(Rig.post(key: Rig.other.revealed)).status == 200)
            let text = await rig.gateway.metricsText()
            let line = "requests_total{project=\"acme\",workload=\"chat\",code_class=\"2xx\",outcome=\"finished\"} 3"
            #expect(text.contains("inferencekey_gateway_\(line)\n"))
            tables.endpoints = []
            try await rig.gateway.install(tables)
            #expect(!(await rig.gateway.metricsText()).contains("workload=\"chat\""))
        }
        await engine.stop()
    }

    @Test("the first token of a stream is its first event with text, and the others share the rest of its time")
    func tokens() async throws {
        let engine = try await ScriptedEngine()
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.post(#"{"model":"tiny","stream":true,"stream_options":{"include_usage":true}}"#))
            let request = try await engine.next()
            request.connection.startStream()
            request.connection.event(#"{"choices":[{"delta":{"role":"assistant","content":""}}]}"#)
            try await client.until("assistant")
            let place = "{project=\"acme\",workload=\"chat\"}"
            for word in ["one", "two", "three"] {
                request.connection.event("{\"choices\":[{\"delta\":{\"content\":\"\(word)\"}}]}")
                try await client.until(word)
            }
            request.connection.event(#"{"usage":{"prompt_tokens":1,"completion_tokens":3}}"#)
            request.connection.endStream()
            _ = try await client.answer()
            let text = await rig.gateway.metricsText()
            #expect(text.contains("time_to_first_token_seconds_count\(place) 1\n"))
            #expect(text.contains("time_per_output_token_seconds_count\(place) 1\n"))
            client.close()
        }
        await engine.stop()
    }
}

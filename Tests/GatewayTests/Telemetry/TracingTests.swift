import Fleet
import InferenceKeyWire
import Testing

@testable import Gateway

@Suite("tracing")
struct TracingTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parent = "traceparent: 00-\(trace)-00f067aa0ba902b7-01\r\n"

    private func traced(
        _ headers: String, ratio: Double = 1,
        _ body: (ScriptedEngine.Request, ScriptedCollector, Rig) async throws -> Void
    ) async throws {
        let collector = try await ScriptedCollector()
        let engine = try await ScriptedEngine { $0.connection.answer(#"{"usage":{"prompt_tokens":3}}"#) }
        try await Rig.run(.chat(engine.port), configure: { $0.telemetry = .traced(collector.port, ratio: ratio) }) {
            rig async throws in
            #expect(try await rig.call(Rig.post(headers: headers)).status == 200)
            try await body(try await engine.next(), collector, rig)
        }
        await engine.stop()
        await collector.stop()
    }

    @Test("a valid traceparent goes on to the engine with our span as its parent, its tracestate as it was")
    func goesOn() async throws {
        try await traced(Self.parent + "tracestate: foo=1 , bar@v=2\r\n") { request, collector, _ in
            let spans = try await collector.spans(2)
            #expect(spans.allSatisfy { $0["traceId"]?.stringValue == Self.trace })
            let server = try #require(spans.first { $0["kind"]?.intValue == 2 })
            let client = try #require(spans.first { $0["kind"]?.intValue == 3 })
            #expect(server["parentSpanId"]?.stringValue == "00f067aa0ba902b7")
            #expect(client["parentSpanId"]?.stringValue == server["spanId"]?.stringValue)
            let span = try #require(client["spanId"]?.stringValue)
            #expect(request.header("traceparent") == "00-\(Self.trace)-\(span)-01")
            #expect(request.header("tracestate") == "foo=1 , bar@v=2")
            #expect(collector.requests.first?.path == "/v1/traces")
            #expect(collector.requests.first?.header("api-key") == "s3cret")
            #expect(collector.requests.first?.header("content-type") == "application/json")
        }
    }

    @Test(
        "an invalid one, or two of them, is replaced, and its tracestate is not passed on",
        arguments: [
            "traceparent: 00-\(trace)-0000000000000000-01\r\n", "traceparent: nonsense\r\n",
            "traceparent: 00-\(trace)-00f067aa0ba902b7-01\r\nTraceParent: 00-\(trace)-00f067aa0ba902b8-01\r\n", "",
        ])
    func replaced(headers: String) async throws {
        try await traced(headers + "tracestate: foo=1\r\n") { request, collector, _ in
            let sent = try #require(request.header("traceparent"))
            #expect(Array(sent.utf8).withUnsafeBytes { TraceParent($0) }?.isSampled == true)
            #expect(!sent.contains(Self.trace))
            #expect(request.head.lowercased().split(separator: "traceparent:").count == 2)
            #expect(request.header("tracestate") == nil)
            let spans = try await collector.spans(2)
            #expect(sent.contains(spans[0]["traceId"]?.stringValue ?? "-"))
        }
    }

    @Test("a tracestate that is none is dropped; the trace goes on")
    func badState() async throws {
        try await traced(Self.parent + "tracestate: FOO=1\r\n") { request, _, _ in
            #expect(request.header("traceparent")?.contains(Self.trace) == true)
            #expect(request.header("tracestate") == nil)
        }
    }

    @Test("a caller that does not sample is obeyed, and so is the ratio for those who did not ask")
    func unsampled() async throws {
        let unsampled = "traceparent: 00-\(Self.trace)-00f067aa0ba902b7-00\r\n"
        for (headers, ratio) in [(unsampled, 1.0), ("", 0)] {
            try await traced(headers, ratio: ratio) { request, collector, rig in
                #expect(request.header("traceparent")?.hasSuffix("-00") == true)
                // A later one that is sampled shows that the earlier one was not sent.
                _ = try await rig.call(Rig.post(headers: Self.parent))
                let spans = try await collector.spans(2)
                #expect(spans.allSatisfy { $0["parentSpanId"] != nil } && spans.count == 2)
            }
        }
    }

    @Test("without a collector both headers pass as they came")
    func untouched() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        let directory = try TemporaryDirectory()
        for log in [nil, TelemetryConfiguration.AccessLogTarget.file(directory.path + "/access.log")] {
            try await Rig.run(.chat(engine.port), configure: { $0.telemetry.accessLog = log }) { rig async throws in
                _ = try await rig.call(Rig.post(headers: Self.parent + "tracestate: FOO=1\r\n"))
                let request = try await engine.next()
                #expect(request.header("traceparent") == "00-\(Self.trace)-00f067aa0ba902b7-01")
                #expect(request.header("tracestate") == "FOO=1")
            }
        }
        await engine.stop()
    }

    @Test("a collector that was busy gets its spans later; what one refuses is counted as lost")
    func busy() async throws {
        let collector = try await ScriptedCollector { $0 == 0 ? "503 Service Unavailable" : "200 OK" }
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port), configure: { $0.telemetry = .traced(collector.port) }) {
            rig async throws in
            _ = try await rig.call(Rig.post())
            try await eventually("the spans are taken") { await rig.metric("spans_exported_total") == 2 }
            #expect(collector.requests.count == 2)
            #expect(await rig.metric("spans_dropped_total") == 0)
        }
        await collector.stop()
        let refusing = try await ScriptedCollector { _ in "401 Unauthorized" }
        try await Rig.run(.chat(engine.port), configure: { $0.telemetry = .traced(refusing.port) }) {
            rig async throws in
            _ = try await rig.call(Rig.post())
            try await eventually("the spans are lost") { await rig.metric("spans_dropped_total") == 2 }
        }
        await refusing.stop()
        await engine.stop()
    }
}

import Fleet
import InferenceKeyWire
import Testing
import Transport

@testable import Gateway

@Suite("OTLP")
struct OTLPTests {
    private func spans(_ records: RequestRecord...) throws -> [JSONValue] {
        let traces = OTLPTraces(serviceName: "gw", attributes: [("deployment", "test\"")], scheme: "http")
        let json = try JSONValue(parsing: traces.export(records))
        let resource = try #require(json["resourceSpans"]?.arrayValue?.first)
        let attributes = Self.attributes(try #require(resource["resource"]))
        #expect(attributes["service.name"] == .string("gw") && attributes["deployment"] == .string("test\""))
        let scope = try #require(resource["scopeSpans"]?.arrayValue?.first)
        #expect(scope["scope"]?["name"]?.stringValue == "inferencekey.gateway")
        return try #require(scope["spans"]?.arrayValue)
    }

    private static func attributes(_ json: JSONValue) -> [String: JSONValue] {
        var found: [String: JSONValue] = [:]
        for item in json["attributes"]?.arrayValue ?? [] {
            guard let key = item["key"]?.stringValue, let value = item["value"]?.objectValue else { continue }
            for (_, value) in value { found[key] = value }
        }
        return found
    }

    @Test("a request is a span of the server and one of the client below it, below the caller's")
    func shape() throws {
        let record = RequestRecord.sample
        let trace = try #require(record.trace)
        let spans = try spans(record)
        #expect(spans.count == 2)
        for span in spans {
            #expect(span["traceId"]?.stringValue == "000000000000000a000000000000000b")
            #expect(span["traceState"]?.stringValue == "foo=1")
            #expect(span["endTimeUnixNano"]?.stringValue == "1795507200373456789")
            #expect(span["status"] == nil)
        }
        let (server, client) = (spans[0], spans[1])
        #expect(server["parentSpanId"]?.stringValue == "000000000000000c")
        #expect(client["parentSpanId"]?.stringValue == server["spanId"]?.stringValue)
        #expect(client["spanId"]?.stringValue?.utf8.count == 16)
        #expect(trace.serverSpan != trace.clientSpan)
        #expect(server["kind"]?.intValue == 2 && client["kind"]?.intValue == 3)
        #expect(server["name"]?.stringValue == "POST /endpoint/{project}/{workload}/v1/chat/completions")
        #expect(client["name"]?.stringValue == "chat tiny")
        #expect(server["startTimeUnixNano"]?.stringValue == "1795507200123456789")
        #expect(client["startTimeUnixNano"]?.stringValue == "1795507200125456789")
    }

    @Test("attributes are those of the conventions, 64-bit numbers as strings")
    func conventions() throws {
        let spans = try spans(.sample)
        let (server, client) = (Self.attributes(spans[0]), Self.attributes(spans[1]))
        #expect(server["http.request.method"] == .string("POST"))
        #expect(server["http.route"] == .string("/endpoint/{project}/{workload}/v1/chat/completions"))
        #expect(server["http.response.status_code"] == .string("200"))
        #expect(server["url.scheme"] == .string("http"))
        #expect(server["inferencekey.workload"] == .string("chat"))
        #expect(server["inferencekey.key"] == .string("ik_live_0a1b2c3d…"))
        #expect(client["gen_ai.operation.name"] == .string("chat"))
        #expect(client["gen_ai.provider.name"] == .string("inferencekey"))
        #expect(client["gen_ai.request.model"] == .string("tiny"))
        #expect(client["gen_ai.response.model"] == .string("tiny"))
        #expect(client["gen_ai.request.stream"] == .bool(true))
        #expect(client["gen_ai.usage.input_tokens"] == .string("7"))
        #expect(client["gen_ai.usage.output_tokens"] == .string("21"))
        #expect(client["gen_ai.response.time_to_first_chunk"]?.doubleValue == 0.049)
        #expect(client["server.address"] == .string("127.0.0.1") && client["server.port"] == .string("9000"))
        #expect(client["error.type"] == nil)
    }

    @Test("an error is told where it is one")
    func errors() throws {
        var cut = RequestRecord.sample
        cut.end = .cut
        cut.code = .upstreamTimeout
        var refused = RequestRecord.sample
        refused.end = .refused
        refused.code = .rateLimited
        refused.status = 429
        refused.stages = RequestStages()
        var failed = RequestRecord.sample
        failed.end = .failed
        failed.status = 500
        let spans = try spans(cut, refused, failed)
        // What was refused never reached an engine.
        #expect(spans.count == 5)
        for index in [0, 1, 3, 4] { #expect(spans[index]["status"]?["code"]?.intValue == 2, "\(index)") }
        #expect(Self.attributes(spans[0])["error.type"] == .string("upstream_timeout"))
        #expect(spans[2]["status"] == nil)
        #expect(Self.attributes(spans[2])["http.response.status_code"] == .string("429"))
        #expect(Self.attributes(spans[4])["error.type"] == .string("500"))
    }

    @Test("a trace that begins here has no parent")
    func root() throws {
        var ids = TraceIDs(seed: 3)
        var record = RequestRecord.sample
        record.trace = RequestTrace(sampler: TraceSampler(ratio: 1), ids: &ids)
        let spans = try spans(record)
        #expect(spans[0]["parentSpanId"] == nil && spans[0]["traceState"] == nil)
    }

    @Test("every route has a name for what it does, or asks no model")
    func operations() {
        let names = DataRoute.all.map { "\($0.template) \($0.operation.map { "\($0)" } ?? "-")" }
        for line in [
            "/v1/chat/completions chat", "/v1/responses chat", "/v1/completions text_completion",
            "/v1/embeddings embeddings", "/v1/rerank rerank", "/v1/models -", "/v1/videos/ID/content -",
            "/v1/images/generations generate_content", "/v1/audio/transcriptions transcription",
        ] {
            #expect(names.contains(line), "\(line)")
        }
    }

    @Test(
        "an answer of the collector says what becomes of a batch",
        arguments: [
            (200, "{}", ExportOutcome.taken(rejected: 0)), (202, "", .taken(rejected: 0)),
            (200, #"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"no"}}"#, .taken(rejected: 3)),
            (200, #"{"partialSuccess":{"rejectedSpans":4}}"#, .taken(rejected: 4)), (200, "what?", .taken(rejected: 0)),
            (400, "", .refused(status: 400)), (404, "", .refused(status: 404)), (500, "", .refused(status: 500)),
            (429, "", .later(afterMilliseconds: nil)), (503, "", .later(afterMilliseconds: nil)),
        ])
    func outcomes(status: Int, body: String, outcome: ExportOutcome) {
        #expect(ExportOutcome(HTTPAnswer(head: HTTPHead(status: status), body: Array(body.utf8))) == outcome)
    }

    @Test("a collector that is busy says for how long")
    func retryAfter() {
        let head = HTTPHead(status: 503, headers: [HTTPField("Retry-After", "7")])
        #expect(ExportOutcome(HTTPAnswer(head: head, body: [])) == .later(afterMilliseconds: 7000))
    }

    @Test("a collector's numbers are taken within reason", arguments: [Int.max, Int.min, 61, -1])
    func absurd(_ number: Int) {
        let head = HTTPHead(status: 503, headers: [HTTPField("retry-after", "\(number)")])
        let pause = number > 0 ? 60_000 : 0
        #expect(ExportOutcome(HTTPAnswer(head: head, body: [])) == .later(afterMilliseconds: pause))
        let body = #"{"partialSuccess":{"rejectedSpans":"\#(number)"}}"#
        let outcome = ExportOutcome(HTTPAnswer(head: HTTPHead(status: 200), body: Array(body.utf8)))
        #expect(outcome == .taken(rejected: max(0, number)))
    }

    @Test("the variables of OpenTelemetry are read as it says")
    func variables() throws {
        let below = try #require(OTLPVariables.collector(at: "http://127.0.0.1:4318/otlp/"))
        #expect("\(below.base)\(below.path)" == "http://127.0.0.1:4318/otlp/v1/traces")
        let whole = try #require(OTLPVariables.collector(at: "http://127.0.0.1:4318/v1/traces"))
        #expect("\(whole.base)\(whole.path)" == "http://127.0.0.1:4318/v1/traces")
        let exact = try #require(OTLPVariables.collector(exactly: "https://collector.example/a/b"))
        #expect("\(exact.base)\(exact.path)" == "https://collector.example/a/b")
        #expect(OTLPVariables.collector(exactly: "http://h:1")?.path == "/")
        #expect(OTLPVariables.collector(at: "127.0.0.1:4318") == nil)
        let pairs = try #require(OTLPVariables.pairs("api-key=se%20cret%3D, x = y ,,empty="))
        #expect(pairs.map { "\($0.key):\($0.value)" } == ["api-key:se cret=", "x:y", "empty:"])
        #expect(OTLPVariables.pairs("novalue") == nil)
        #expect(OTLPVariables.pairs("a=%zz") == nil)
        #expect(OTLPVariables.pairs("")?.isEmpty == true)
    }
}

import Fleet
import InferenceKeyWire
import Testing

@Suite("config.routing and config.limits")
struct RoutingTests {
    @Test(
        "are read and written as they were",
        arguments: [
            #"{"policy":"least_inflight"}"#, #"{"policy":"round_robin"}"#, #"{"policy":"prefix"}"#,
            #"{"policy":"session"}"#, #"{"policy":"session","session_header":"x-session-id"}"#,
        ])
    func routing(_ text: String) throws {
        let json = try JSONValue(parsing: Array(text.utf8))
        #expect(try RoutingSpec(json: json).json == json)
    }

    @Test(
        "wrong routing names its field",
        arguments: [
            (#"{}"#, "policy"), (#"{"policy":"random"}"#, "policy"), (#"{"policy":1}"#, "policy"), (#"[]"#, "body"),
            (#"{"policy":"prefix","session_header":"x-a"}"#, "session_header"),
            (#"{"policy":"session","session_header":"x a"}"#, "session_header"),
            (#"{"policy":"session","session_header":""}"#, "session_header"),
            (#"{"policy":"session","session_header":"Authorization"}"#, "session_header"),
            (#"{"policy":"session","header":"x-a"}"#, "header"),
        ])
    func wrongRouting(_ text: String, _ field: String) throws {
        let json = try JSONValue(parsing: Array(text.utf8))
        let error = #expect(throws: FieldErrors.self) { try RoutingSpec(json: json) }
        #expect(error?.fields.keys.sorted() == [field])
    }

    @Test("limits are read and written as they were")
    func limits() throws {
        let text =
            #"{"requests_per_minute":600,"tokens_per_minute":90000,"concurrency":64,"replica_concurrency":8,"#
            + #""queue":{"length":32,"max_wait_ms":5000}}"#
        let json = try JSONValue(parsing: Array(text.utf8))
        #expect(try EndpointLimits(json: json).json == json)
        #expect(try EndpointLimits(json: [:]) == EndpointLimits())
        #expect(try EndpointLimits(json: ["replica_concurrency": 2]).queue == EndpointLimits.Queue())
    }

    @Test(
        "wrong limits name their field",
        arguments: [
            (#"{"requests_per_minute":0}"#, "requests_per_minute"), (#"{"rpm":5}"#, "rpm"),
            (#"{"concurrency":"8"}"#, "concurrency"), (#"{"queue":{"length":4}}"#, "queue"),
            (#"{"replica_concurrency":1,"queue":7}"#, "queue"),
            (#"{"replica_concurrency":1,"queue":{"length":-1}}"#, "queue.length"),
            (#"{"replica_concurrency":1,"queue":{"max_wait_ms":0}}"#, "queue.max_wait_ms"),
            (#"{"replica_concurrency":1,"queue":{"wait":5}}"#, "queue.wait"),
        ])
    func wrongLimits(_ text: String, _ field: String) throws {
        let json = try JSONValue(parsing: Array(text.utf8))
        let error = #expect(throws: FieldErrors.self) { try EndpointLimits(json: json) }
        #expect(error?.fields.keys.sorted() == [field])
    }

    @Test("no engine is given them")
    func engines() {
        var record = WorkloadRecord(
            id: ID("wl_1"), projectID: ID("pr_1"), slug: "chat", name: "chat", backend: .vllm, modelName: "m",
            createdAt: Timestamp(milliseconds: 0), updatedAt: Timestamp(milliseconds: 0))
        record.config = ["command": "vllm serve m", "routing": ["policy": "prefix"], "limits": ["concurrency": 4]]
        #expect(EngineSpec(of: record).config == ["command": "vllm serve m"])
        #expect(record.routing.policy == .prefix)
        #expect(record.limits.rate.concurrency == 4)
        record.config = ["routing": "what an older version let pass"]
        #expect(record.routing == RoutingSpec())
    }

    @Test("tables carry them, and a Gateway takes what it does not know as not declared")
    func tables() throws {
        var route = EndpointRoute(
            tenantID: ID("tn_1"), projectID: ID("pr_1"), projectSlug: "acme", workloadSlug: "chat",
            taskType: .text2text, modelName: "m", statusReason: nil, retryAfterMilliseconds: nil, upstreams: [],
            routing: RoutingSpec(policy: .session, sessionHeader: "x-s"),
            limits: EndpointLimits(rate: KeyLimits(concurrency: 3), replicaConcurrency: 2))
        let tables = GatewayTables(version: 3, endpoints: [route])
        #expect(try GatewayTables(json: tables.json) == tables)
        var json = try #require(route.json.objectValue)
        json["routing"] = ["policy": "of a newer Manager"]
        json["limits"] = nil
        route.routing = RoutingSpec()
        route.limits = EndpointLimits()
        #expect(try EndpointRoute(json: .object(json)) == route)
    }
}

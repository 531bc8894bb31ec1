import ConformanceVectors
import Testing
import Transport

@testable import InferenceKey

@Suite("conformance: what a client decides")
struct ClientConformanceTests {
    @Test("checks of a spec", .conformance("spec-checks"), arguments: ConformanceCase.all("spec-checks"))
    func specChecks(_ sample: ConformanceCase) throws {
        let json = try #require(sample.given["spec"])
        let error = sample.expect["error"] ?? .null
        do throws(InferenceKeyError) {
            try SpecCheck.validate(Self.spec(json))
            #expect(error == .null)
        } catch {
            let expected = sample.expect["error"] ?? .null
            #expect(error.kind.rawValue == expected["kind"]?.stringValue)
            #expect(error.message.hasPrefix(expected["message"]?.stringValue ?? "no error at all"), "\(error)")
        }
    }

    /// A spec as it is written, blank fields included.
    static func spec(_ json: JSONValue) -> WorkloadSpec {
        func text(_ key: String) -> String? { json[key]?.stringValue }
        return WorkloadSpec(
            name: text("name") ?? "", slug: text("slug") ?? "", model: text("model") ?? "",
            backend: Backend(rawValue: text("backend") ?? ""), project: text("project"),
            description: text("description"), command: text("command"), vllmVersion: text("vllm_version"),
            taskType: text("task_type").flatMap(TaskType.init(rawValue:)), config: json["config"]?.objectValue,
            executionPolicy: text("execution_policy").flatMap(ExecutionPolicy.init(rawValue:)),
            executionPolicyConfig: json["execution_policy_config"]?.objectValue, workerID: text("worker_id"),
            gpuResourceID: text("gpu_resource_id"))
    }

    @Test("drift, plan and patch", .conformance("drift"), arguments: ConformanceCase.all("drift"))
    func drift(_ sample: ConformanceCase) throws {
        let spec = Self.spec(try #require(sample.given["spec"]))
        let live = try sample.given["live"].flatMap { $0.isNull ? nil : try Workload(json: $0) }
        let plan = Drift.plan(from: live, to: spec)
        #expect(plan.action.rawValue == sample.expect["action"]?.stringValue)
        #expect(plan.json["changes"] == sample.expect["changes"])
        let patch = plan.changes.isEmpty ? .null : Drift.patch(for: plan.changes, of: spec)
        #expect(patch == sample.expect["patch"])
    }

    @Test("errors", .conformance("errors"), arguments: ConformanceCase.all("errors"))
    func errors(_ sample: ConformanceCase) throws {
        let head = try Self.head(sample.given)
        let error = InferenceKeyError(
            status: head.status, body: Array(try sample.text("body").utf8), requestID: head["x-request-id"],
            retryAfterMilliseconds: RetryAfter.milliseconds(of: head, date: Timestamp(milliseconds: 0)))
        let found: JSONValue = [
            "kind": .string(error.kind.rawValue), "message": .string(error.message), "code": .optional(error.code),
            "request_id": .optional(error.requestID), "retry_after_ms": .optional(error.retryAfterMilliseconds),
            "fields": .object(JSONObject(error.fields.map { ($0.key, .string($0.value)) })),
        ]
        #expect(found == sample.expect)
    }

    static func head(_ json: JSONValue) throws -> HTTPHead {
        let fields = (json["headers"]?.objectValue ?? [:]).map { HTTPField($0.key, $0.value.stringValue ?? "") }
        return HTTPHead(status: try #require(json["status"]?.intValue), headers: fields)
    }

    @Test("text streams", .conformance("text-streams"), arguments: ConformanceCase.all("text-streams"))
    func textStreams(_ sample: ConformanceCase) throws {
        var events = SSEReader()
        var reader = TextStreamReader()
        var chunks: [TextChunk] = []
        var failure: InferenceKeyError?
        let ready = try events.read(Array(try sample.text("text").utf8))
        do throws(InferenceKeyError) {
            try Self.read(ready + (events.finish().map { [$0] } ?? []), with: &reader, into: &chunks)
        } catch { failure = error }
        #expect(JSONValue.array(chunks.map { .string($0.text) }) == sample.expect["texts"])
        #expect(JSONValue.optional(chunks.compactMap(\.finishReason).last) == sample.expect["finish_reason"])
        let expected = sample.expect["error"] ?? .null
        #expect(failure?.kind.rawValue == expected["kind"]?.stringValue)
        #expect(failure?.message == expected["message"]?.stringValue)
        #expect(failure?.code == expected["code"]?.stringValue)
    }

    static func read(
        _ events: [ServerSentEvent], with reader: inout TextStreamReader, into chunks: inout [TextChunk]
    ) throws(InferenceKeyError) {
        for event in events {
            guard case .chunk(let chunk) = try reader.take(event) else { return }
            chunks.append(chunk)
        }
        try reader.finish()
    }

    @Test("configuration", .conformance("configuration"), arguments: ConformanceCase.all("configuration"))
    func configuration(_ sample: ConformanceCase) throws {
        let environment = sample.given["environment"]?.objectValue ?? [:]
        let settings = Settings(environment: { environment[$0]?.stringValue })
        let found: JSONValue
        do throws(InferenceKeyError) {
            let isControl = sample.given["client"]?.stringValue == "control"
            found = isControl ? try Self.control(settings, sample.given) : try Self.data(settings, sample.given)
        } catch {
            let expected = try #require(sample.expect["error"], "\(error)")
            #expect(error.kind.rawValue == expected["kind"]?.stringValue)
            #expect(error.message.hasPrefix(Self.spelled(expected["message"]?.stringValue ?? "?")), "\(error)")
            #expect(error.code == expected["code"]?.stringValue)
            return
        }
        #expect(found == sample.expect)
    }

    static func control(_ settings: Settings, _ given: JSONValue) throws(InferenceKeyError) -> JSONValue {
        let arguments = given["arguments"] ?? [:]
        let client = try ManagementClient.from(
            settings, baseURL: arguments["base_url"]?.stringValue, project: arguments["project"]?.stringValue,
            sdkToken: arguments["sdk_token"]?.stringValue)
        let place = try client.place("support-bot", nil)
        return [
            "base_url": .string(client.connection.baseURL), "credential": .string(client.connection.credential),
            "project": .string(place.project),
        ]
    }

    static func data(_ settings: Settings, _ given: JSONValue) throws(InferenceKeyError) -> JSONValue {
        let arguments = given["arguments"] ?? [:]
        let client = try DataClient(
            settings, baseURL: arguments["base_url"]?.stringValue, project: arguments["project"]?.stringValue,
            apiKey: arguments["api_key"]?.stringValue)
        return [
            "base_url": .string(try client.endpoint("support-bot").baseURL), "project": .string(client.project),
        ]
    }

    /// `{argument:api_key}` as Swift spells it.
    static func spelled(_ message: String) -> String {
        guard let start = message.firstRange(of: "{argument:"),
            let end = message[start.upperBound...].firstIndex(of: "}")
        else { return message }
        let name = ArgumentSpelling.swift.argument(String(message[start.upperBound..<end]))
        return message[..<start.lowerBound] + name + message[message.index(after: end)...]
    }

    @Test("retries", .conformance("retries"), arguments: ConformanceCase.all("retries"))
    func retries(_ sample: ConformanceCase) throws {
        let given = sample.given
        let key = given["idempotency_key"]?.stringValue.map { [HTTPField("Idempotency-Key", $0)] } ?? []
        let call = Call(try sample.text("method"), "/", headers: key)
        let date = try #require(Timestamp(rfc3339: try sample.text("now")))
        let policy = RetryPolicy(maxRetries: try #require(given["max_retries"]?.intValue))
        let decision = policy.decision(
            after: try Self.outcome(given), attempt: try #require(given["attempt"]?.intValue),
            isReplayable: call.isReplayable, jitter: try #require(given["jitter"]?.doubleValue), date: date)
        switch (decision, sample.expect["retry_after_ms"]?.doubleValue) {
        case (.giveUp, nil): break
        case (.retry(let delay), let expected?): #expect(delay == .milliseconds(expected))
        default: Issue.record("\(decision), not \(sample.expect.text)")
        }
    }

    static func outcome(_ given: JSONValue) throws -> RetryPolicy.Outcome {
        if let answer = given["answer"] { return .answer(try head(answer)) }
        let failure = try #require(given["failure"])
        let mayHaveBegun = failure["may_have_begun"]?.boolValue ?? false
        let error: TransportError? =
            switch failure["kind"]?.stringValue {
            case "connect": .connect("refused")
            case "reset": .reset("reset", mayHaveBegun: mayHaveBegun)
            case "timeout": .timeout("late", mayHaveBegun: mayHaveBegun)
            case "tls": .tls("bad")
            case "malformed": .malformed("bad")
            case "cancelled": .cancelled
            default: nil
            }
        return .failure(try #require(error))
    }
}

import Synchronization

@testable import InferenceKey

/// An operation as `conformance/requests.json` describes it, carried out by the client's own method.
struct WireOperation {
    private let operation: String
    private let arguments: JSONValue
    private let client: JSONValue
    private let isControl: Bool
    private let address: String

    init(_ given: JSONValue, address: String) {
        operation = given["operation"]?.stringValue ?? ""
        arguments = given["arguments"] ?? [:]
        client = given["client"] ?? [:]
        isControl = given["plane"]?.stringValue == "control"
        self.address = address
    }

    /// The result in the words of the wire.
    func perform() async throws(InferenceKeyError) -> JSONValue {
        isControl ? try await control() : try await data()
    }

    private func text(_ key: String) -> String? { arguments[key]?.stringValue }
    private func int(_ key: String) -> Int? { arguments[key]?.intValue }
    private var extra: JSONObject { arguments["extra"]?.objectValue ?? [:] }
    private var slug: String { text("slug") ?? "" }
    private var project: String? { text("project") }

    private func options(_ json: JSONValue?, over base: ClientOptions = .init()) -> ClientOptions {
        var options = base
        options.maxRetries = json?["max_retries"]?.intValue ?? base.maxRetries
        return options
    }

    private var base: ClientOptions { options(client["options"]) }

    // MARK: Control

    private func control() async throws(InferenceKeyError) -> JSONValue {
        let management = try ManagementClient(
            baseURL: address, sdkToken: client["sdk_token"]?.stringValue ?? "",
            project: client["project"]?.stringValue, options: base
        ).with(options(arguments["options"], over: base)).onWarning { _ in }
        switch operation {
        case "ensure":
            let onDrift = text("on_drift").flatMap(OnDrift.init(rawValue:)) ?? .reconcile
            return try await management.ensure(spec, onDrift: onDrift, project: project).json
        case "plan": return try await management.plan(spec, project: project).json
        case "delete": return ["deleted": .bool(try await management.delete(slug, project: project))]
        case "get": return try await management.get(slug, project: project).json
        case "list": return ["workloads": .array(try await management.list(project: project).map(\.json))]
        case "status": return try await management.status(slug, project: project).raw
        case "logs": return ["lines": .array(try await lines(of: management, follow: false))]
        case "follow_logs": return ["items": .array(try await lines(of: management, follow: true))]
        case "wait_until_ready":
            let seen = Mutex<[JSONValue]>([])
            let timeout = Duration.milliseconds(int("timeout_ms") ?? 600_000)
            try await management.waitUntilReady(slug, timeout: timeout, project: project) { event in
                seen.withLock { $0.append(event.json) }
            }
            return ["items": .array(seen.withLock { $0 })]
        default: throw .validation("there is no operation \(operation)")
        }
    }

    private var spec: WorkloadSpec { ClientConformanceTests.spec(arguments["spec"] ?? [:]) }

    private func lines(
        of management: ManagementClient, follow: Bool
    ) async throws(InferenceKeyError) -> [JSONValue] {
        let lines = try await management.logs(
            slug, replica: text("replica"), tail: int("tail"), follow: follow, project: project)
        var found: [JSONValue] = []
        for try await line in lines { found.append(line.json) }
        return found
    }

    // MARK: Data

    private func data() async throws(InferenceKeyError) -> JSONValue {
        let endpoint = try DataClient(
            baseURL: address, project: client["project"]?.stringValue ?? "", apiKey: client["api_key"]?.stringValue,
            options: base
        ).endpoint(slug, apiKey: text("api_key")).with(options(arguments["options"], over: base))
        switch operation {
        case "endpoint":
            return ["workload_slug": .string(endpoint.workloadSlug), "project": .string(endpoint.project)]
        case "generate_text":
            return try await endpoint.generateText(
                prompt: text("prompt"), messages: messages, temperature: arguments["temperature"]?.doubleValue,
                maxTokens: int("max_tokens"), extra: extra
            ).members
        case "generate_text_stream":
            let stream = try await endpoint.generateTextStream(
                prompt: text("prompt"), messages: messages, temperature: arguments["temperature"]?.doubleValue,
                maxTokens: int("max_tokens"), extra: extra)
            var items: [JSONValue] = []
            for try await chunk in stream { items.append(chunk.members) }
            return ["items": .array(items)]
        case "embed":
            if let text = text("input") { return try await endpoint.embed(input: text, extra: extra).members }
            return try await endpoint.embed(input: texts("input"), extra: extra).members
        case "rerank":
            return try await endpoint.rerank(
                query: text("query") ?? "", documents: texts("documents"), topN: int("top_n"), extra: extra
            ).members
        case "forecast": return ["raw": try await endpoint.forecast(arguments["body"]?.objectValue ?? [:]).raw]
        case "submit_job":
            let job = try await endpoint.submitJob(
                kind: text("kind") ?? "", body: body("body") ?? .json(nil), context: arguments["context"],
                idempotencyKey: text("idempotency_key"))
            return job.members
        case "get_job": return try await endpoint.getJob(text("job_id") ?? "").members
        case "request":
            let headers = (arguments["headers"]?.objectValue ?? [:]).map { ($0.key, $0.value.stringValue ?? "") }
            let answer = try await endpoint.request(
                text("method") ?? "", text("path") ?? "", body: body("json"),
                headers: Dictionary(uniqueKeysWithValues: headers))
            return answer.members
        default: throw .validation("there is no operation \(operation)")
        }
    }

    private func texts(_ key: String) -> [String] { arguments[key]?.arrayValue?.compactMap(\.stringValue) ?? [] }

    private var messages: [ChatMessage]? {
        arguments["messages"]?.arrayValue?.map { json in
            var members = json.objectValue ?? [:]
            members["role"] = nil
            members["content"] = nil
            return ChatMessage(
                role: json["role"]?.stringValue ?? "", content: json["content"] ?? .null, extra: members)
        }
    }

    private func body(_ key: String) -> RequestBody? {
        if let json = arguments[key] { return .json(json) }
        let bytes = text("text").map { Array($0.utf8) } ?? text("base64").flatMap(Base64.decode)
        return bytes.map { .bytes($0, contentType: text("content_type") ?? "") }
    }
}

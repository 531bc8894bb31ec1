import InferenceKey
import InferenceKeyWire

extension Operation {
    func run(
        _ arguments: inout Arguments, _ client: DataClient, _ options: ClientOptions, for request: Request
    ) async throws(InferenceKeyError) {
        let endpoint = try arguments.endpoint(of: client).with(options)
        switch self {
        case .endpoint:
            try arguments.finish()
            request.emit([
                "workload_slug": .string(endpoint.workloadSlug), "project": .string(endpoint.project),
                "base_url": .string(endpoint.baseURL),
            ])
        case .generateText:
            let text = try arguments.textRequest()
            let result = try await endpoint.generateText(
                prompt: text.prompt, messages: text.messages, temperature: text.temperature,
                maxTokens: text.maxTokens, extra: text.extra)
            request.emit([result.bytes])
        case .generateTextStream:
            let text = try arguments.textRequest()
            let stream = try await endpoint.generateTextStream(
                prompt: text.prompt, messages: text.messages, temperature: text.temperature,
                maxTokens: text.maxTokens, extra: text.extra)
            try await pass(stream, to: request)
        case .embed: request.emit(try await embed(&arguments, endpoint).json)
        case .rerank: request.emit(try await rerank(&arguments, endpoint).json)
        case .forecast:
            let body = arguments.requiredObject("body")
            try arguments.finish()
            request.emit(["raw": try await endpoint.forecast(body).raw])
        case .request: request.emit(try await other(&arguments, endpoint).json)
        case .submitJob:
            let job = try await submitJob(&arguments, endpoint)
            request.emit(["job_id": .string(job.id), "raw": job.raw])
        case .getJob:
            let id = arguments.requiredText("job_id")
            try arguments.finish()
            request.emit(try await endpoint.getJob(id).json)
        case .ensure, .plan, .delete, .get, .list, .status, .logs, .followLogs, .waitUntilReady: throw misplaced
        }
    }

    /// Hands on whatever has arrived, and looks for more once that is taken.
    private func pass(_ stream: TextStream, to request: Request) async throws(InferenceKeyError) {
        request.emit([])
        await request.drained()
        while let chunks = try await stream.nextBatch() {
            request.emit(chunks.map(\.bytes))
            await request.drained()
        }
    }

    private func embed(
        _ arguments: inout Arguments, _ endpoint: Endpoint
    ) async throws(InferenceKeyError) -> EmbedResult {
        let extra = arguments.object("extra") ?? [:]
        switch arguments.value("input") {
        case .string(let text)?:
            try arguments.finish()
            return try await endpoint.embed(input: text, extra: extra)
        default:
            let texts = arguments.texts("input") ?? []
            try arguments.finish()
            return try await endpoint.embed(input: texts, extra: extra)
        }
    }

    private func rerank(
        _ arguments: inout Arguments, _ endpoint: Endpoint
    ) async throws(InferenceKeyError) -> RerankResult {
        let query = arguments.requiredText("query")
        let documents = arguments.texts("documents") ?? []
        let (topN, extra) = (arguments.int("top_n"), arguments.object("extra") ?? [:])
        try arguments.finish()
        return try await endpoint.rerank(query: query, documents: documents, topN: topN, extra: extra)
    }

    private func submitJob(
        _ arguments: inout Arguments, _ endpoint: Endpoint
    ) async throws(InferenceKeyError) -> Job {
        let (kind, context) = (arguments.requiredText("kind"), arguments.value("context"))
        let key = arguments.text("idempotency_key")
        let body = try arguments.jobBody()
        return try await endpoint.submitJob(kind: kind, body: body, context: context, idempotencyKey: key)
    }

    private func other(
        _ arguments: inout Arguments, _ endpoint: Endpoint
    ) async throws(InferenceKeyError) -> EndpointAnswer {
        let (method, path) = (arguments.text("method") ?? "GET", arguments.requiredText("path"))
        var headers: [String: String] = [:]
        for (name, value) in arguments.object("headers") ?? [:] { headers[name] = value.stringValue ?? value.text }
        let body = try arguments.requestBody()
        try arguments.finish()
        return try await endpoint.request(method, path, body: body, headers: headers)
    }
}

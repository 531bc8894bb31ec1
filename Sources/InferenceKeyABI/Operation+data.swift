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
            request.emit(
                try await endpoint.generateText(
                    prompt: text.prompt, messages: text.messages, temperature: text.temperature,
                    maxTokens: text.maxTokens, extra: text.extra
                ).json)
        case .generateTextStream:
            let text = try arguments.textRequest()
            let stream = try await endpoint.generateTextStream(
                prompt: text.prompt, messages: text.messages, temperature: text.temperature,
                maxTokens: text.maxTokens, extra: text.extra)
            try await pass(stream, to: request)
        case .embed: request.emit(try await embed(&arguments, endpoint).json)
        case .rerank: request.emit(try await rerank(&arguments, endpoint).json)
        case .request: request.emit(try await other(&arguments, endpoint).json)
        case .ensure, .plan, .delete, .get, .list, .status, .logs, .followLogs, .waitUntilReady: throw misplaced
        }
    }

    /// Hands on whatever has arrived, and looks for more once that is taken.
    private func pass(_ stream: TextStream, to request: Request) async throws(InferenceKeyError) {
        request.emit([])
        var iterator = stream.makeAsyncIterator()
        await request.drained()
        while let chunk = try await iterator.next() {
            var items = [chunk.json.bytes]
            var failure: InferenceKeyError?
            do throws(InferenceKeyError) {
                while stream.hasReady, let more = try await iterator.next() { items.append(more.json.bytes) }
            } catch { failure = error }
            request.emit(items)
            if let failure { throw failure }
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

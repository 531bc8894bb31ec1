import Transport

extension Endpoint {
    /// Generates a text and waits for the whole of it.
    /// - Parameters:
    ///   - prompt: one user message; give this or `messages`.
    ///   - extra: further OpenAI fields, passed through untouched.
    public func generateText(
        prompt: String? = nil, messages: [ChatMessage]? = nil, temperature: Double? = nil, maxTokens: Int? = nil,
        extra: JSONObject = [:]
    ) async throws(InferenceKeyError) -> TextResult {
        let request = TextRequest(
            prompt: prompt, messages: messages, temperature: temperature, maxTokens: maxTokens, extra: extra)
        let body = try request.body(model: workloadSlug)
        return try TextResult(try await caller.send(Call("POST", path("/chat/completions"), json: .object(body))))
    }

    /// Generates a text piece by piece. Returns once the stream is open, so that a refusal is thrown here.
    /// - Parameters:
    ///   - prompt: one user message; give this or `messages`.
    ///   - extra: further OpenAI fields, passed through untouched.
    public func generateTextStream(
        prompt: String? = nil, messages: [ChatMessage]? = nil, temperature: Double? = nil, maxTokens: Int? = nil,
        extra: JSONObject = [:]
    ) async throws(InferenceKeyError) -> TextStream {
        let request = TextRequest(
            prompt: prompt, messages: messages, temperature: temperature, maxTokens: maxTokens, extra: extra)
        let body = try request.body(model: workloadSlug, stream: true)
        let accept = HTTPField("accept", "text/event-stream")
        let call = Call("POST", path("/chat/completions"), json: .object(body), headers: [accept])
        return TextStream(try EventStream(try await caller.open(call), base: caller.base))
    }
}

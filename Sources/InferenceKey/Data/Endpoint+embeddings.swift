/// The vectors of one or more texts, in their order.
public struct EmbedResult: Sendable, Hashable {
    public var embeddings: [[Double]]
    public var model: String
    public var usage: Usage?
    /// The answer untouched.
    public var raw: JSONValue

    init(_ answer: JSONAnswer) throws(InferenceKeyError) {
        raw = answer.json
        guard let items = raw["data"]?.arrayValue else { throw answer.missing("data") }
        var vectors: [(index: Int, vector: [Double])] = []
        for (position, item) in items.enumerated() {
            guard let numbers = item["embedding"]?.arrayValue else { throw answer.missing("embedding as an array") }
            let vector = numbers.compactMap(JSONAnswer.finite)
            guard vector.count == numbers.count else { throw answer.missing("embedding of finite numbers") }
            vectors.append((item["index"]?.intValue ?? position, vector))
        }
        embeddings = vectors.sorted { $0.index < $1.index }.map(\.vector)
        model = raw["model"]?.stringValue ?? ""
        usage = Usage(json: raw["usage"])
    }
}

extension Endpoint {
    /// The vector of a text.
    /// - Parameter extra: further OpenAI fields, passed through untouched.
    public func embed(input: String, extra: JSONObject = [:]) async throws(InferenceKeyError) -> EmbedResult {
        if input.allSatisfy(\.isWhitespace) { throw TextRequest.invalid("input", "must not be blank") }
        return try await embed(.string(input), extra)
    }

    /// The vectors of several texts, in their order.
    /// - Parameter extra: further OpenAI fields, passed through untouched.
    public func embed(input: [String], extra: JSONObject = [:]) async throws(InferenceKeyError) -> EmbedResult {
        if input.isEmpty { throw TextRequest.invalid("input", "must not be empty") }
        for (index, text) in input.enumerated() where text.allSatisfy(\.isWhitespace) {
            throw TextRequest.invalid("input[\(index)]", "must not be blank")
        }
        return try await embed(.array(input.map { .string($0) }), extra)
    }

    private func embed(_ input: JSONValue, _ extra: JSONObject) async throws(InferenceKeyError) -> EmbedResult {
        var body: JSONObject = ["model": .string(workloadSlug), "input": input]
        for (key, value) in extra {
            if body[key] != nil { throw TextRequest.invalid(key, "is set by the client") }
            body[key] = value
        }
        return try EmbedResult(try await post("/embeddings", body))
    }
}

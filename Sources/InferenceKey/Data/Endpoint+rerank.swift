/// How well one document answers the query.
public struct RerankItem: Sendable, Hashable {
    /// The document's place in the request.
    public var index: Int
    public var relevanceScore: Double

    public init(index: Int, relevanceScore: Double) {
        self.index = index
        self.relevanceScore = relevanceScore
    }
}

/// The documents in the order of the server, the best first.
public struct RerankResult: Sendable, Hashable {
    public var results: [RerankItem]
    public var model: String
    /// The answer untouched.
    public var raw: JSONValue

    init(_ answer: JSONAnswer) throws(InferenceKeyError) {
        raw = answer.json
        guard let items = raw["results"]?.arrayValue else { throw answer.missing("results") }
        results = []
        for item in items {
            guard let index = item["index"]?.intValue, let score = item["relevance_score"].flatMap(JSONAnswer.finite)
            else {
                throw answer.missing("index and finite relevance_score in each result")
            }
            results.append(RerankItem(index: index, relevanceScore: score))
        }
        model = raw["model"]?.stringValue ?? ""
    }
}

extension Endpoint {
    /// Orders documents by how well they answer a query.
    /// - Parameter topN: how many to give at most.
    public func rerank(
        query: String, documents: [String], topN: Int? = nil, extra: JSONObject = [:]
    ) async throws(InferenceKeyError) -> RerankResult {
        if query.allSatisfy(\.isWhitespace) { throw TextRequest.invalid("query", "must not be blank") }
        if documents.isEmpty { throw TextRequest.invalid("documents", "must not be empty") }
        var body: JSONObject = [
            "model": .string(workloadSlug), "query": .string(query),
            "documents": .array(documents.map { .string($0) }),
        ]
        if let topN {
            guard topN > 0 else { throw TextRequest.invalid("top_n", "must be at least 1") }
            body["top_n"] = .int(topN)
        }
        for (key, value) in extra {
            if body[key] != nil { throw TextRequest.invalid(key, "is set by the client") }
            body[key] = value
        }
        return try RerankResult(try await post("/rerank", body))
    }
}

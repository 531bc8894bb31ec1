import Transport

/// Work that the platform does on its own time: it is kept until it is done, and its result for a while after.
public struct Job: Sendable, Hashable {
    public var id: String
    /// Where it stands; nil in the answer to its submission.
    public var state: String?
    public var attempts: Int?
    /// The result or where to get it, once there is one.
    public var result: JSONValue?
    /// The answer untouched.
    public var raw: JSONValue

    init(_ answer: JSONAnswer) throws(InferenceKeyError) {
        raw = answer.json
        guard let id = raw["job_id"]?.stringValue ?? raw["id"]?.stringValue else { throw answer.missing("job_id") }
        self.id = id
        state = raw["state"]?.stringValue
        attempts = raw["attempts"]?.intValue
        result = raw["result"].flatMap { $0.isNull ? nil : $0 }
    }
}

extension Endpoint {
    /// Hands in a job; it is durable when this returns.
    /// - Parameters:
    ///   - kind: such as `chat`, `embeddings` or `audio_transcriptions`.
    ///   - body: what the route of the kind takes.
    ///   - context: comes back untouched with the result.
    ///   - idempotencyKey: lets a request that may have begun be sent again: one key, one job.
    public func submitJob(
        kind: String, body: RequestBody, context: JSONValue? = nil, idempotencyKey: String? = nil
    ) async throws(InferenceKeyError) -> Job {
        if kind.allSatisfy(\.isWhitespace) { throw TextRequest.invalid("kind", "must not be blank") }
        var json: JSONObject = ["kind": .string(kind)]
        switch body {
        case .json(let value): json["body"] = value
        case .bytes(let bytes, let contentType):
            if contentType.allSatisfy(\.isWhitespace) { throw TextRequest.invalid("content_type", "must not be blank") }
            json["body_b64"] = .string(Base64.encode(bytes))
            json["content_type"] = .string(contentType)
        }
        json["context"] = context
        let headers = idempotencyKey.map { [HTTPField("idempotency-key", $0)] } ?? []
        return try Job(try await self.json(Call("POST", platformPath("/jobs"), json: .object(json), headers: headers)))
    }

    /// Where a job stands, and its result once there is one.
    public func getJob(_ id: String) async throws(InferenceKeyError) -> Job {
        if id.allSatisfy(\.isWhitespace) { throw TextRequest.invalid("job_id", "must not be blank") }
        return try Job(try await json(Call("GET", platformPath("/jobs/\(PathSegment.encode(id))"))))
    }
}

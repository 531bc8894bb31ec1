/// A whole generated text.
public struct TextResult: Sendable, Hashable {
    public var text: String
    public var model: String
    /// Such as `stop` or `length`.
    public var finishReason: String?
    public var usage: Usage?
    /// The answer untouched.
    public var raw: JSONValue

    init(_ answer: JSONAnswer) throws(InferenceKeyError) {
        raw = answer.json
        guard let choice = raw["choices"]?.arrayValue?.first else { throw answer.missing("choices") }
        text = choice["message"]?["content"]?.stringValue ?? choice["text"]?.stringValue ?? ""
        finishReason = choice["finish_reason"]?.stringValue
        model = raw["model"]?.stringValue ?? ""
        usage = Usage(json: raw["usage"])
    }
}

/// A piece of a text as it is generated.
public struct TextChunk: Sendable, Hashable {
    /// May be empty, as in the piece that carries the usage.
    public var text: String
    public var finishReason: String?
    public var usage: Usage?
    /// The event's data untouched.
    public var raw: JSONValue

    package init(json: JSONValue) {
        let choice = json["choices"]?.arrayValue?.first
        text = choice?["delta"]?["content"]?.stringValue ?? choice?["text"]?.stringValue ?? ""
        finishReason = choice?["finish_reason"]?.stringValue
        usage = Usage(json: json["usage"])
        raw = json
    }
}

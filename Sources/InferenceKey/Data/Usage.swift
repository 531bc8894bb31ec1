/// How many tokens a call took.
public struct Usage: Sendable, Hashable {
    public var promptTokens: Int
    public var completionTokens: Int
    public var totalTokens: Int

    /// Nil when the answer does not say.
    init?(json: JSONValue?) {
        guard let json, json.objectValue != nil else { return nil }
        promptTokens = json["prompt_tokens"]?.intValue ?? 0
        completionTokens = json["completion_tokens"]?.intValue ?? 0
        totalTokens = json["total_tokens"]?.intValue ?? promptTokens + completionTokens
    }
}

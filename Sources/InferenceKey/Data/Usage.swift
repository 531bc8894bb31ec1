/// How many tokens a call took.
public struct Usage: Sendable, Hashable {
    public var promptTokens: Int
    public var completionTokens: Int
    public var totalTokens: Int

    /// Nil when the answer does not say. A total that no `Int` holds becomes the nearest one.
    init?(json: JSONValue?) {
        guard let json, json.objectValue != nil else { return nil }
        promptTokens = json["prompt_tokens"]?.intValue ?? 0
        completionTokens = json["completion_tokens"]?.intValue ?? 0
        totalTokens = json["total_tokens"]?.intValue ?? Self.sum(promptTokens, completionTokens)
    }

    private static func sum(_ left: Int, _ right: Int) -> Int {
        let (sum, hasOverflown) = left.addingReportingOverflow(right)
        return hasOverflown ? (left < 0 ? .min : .max) : sum
    }
}

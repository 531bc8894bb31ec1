/// One message of a conversation.
public struct ChatMessage: Sendable, Hashable {
    public var role: String
    /// Text, or the parts of a message with images or sound.
    public var content: JSONValue
    /// Further fields such as `name` or `tool_call_id`, passed through untouched.
    public var extra: JSONObject

    public init(role: String, content: JSONValue, extra: JSONObject = [:]) {
        self.role = role
        self.content = content
        self.extra = extra
    }

    public init(role: String, content: String) { self.init(role: role, content: .string(content)) }

    public static func system(_ text: String) -> ChatMessage { ChatMessage(role: "system", content: text) }
    public static func user(_ text: String) -> ChatMessage { ChatMessage(role: "user", content: text) }
    public static func assistant(_ text: String) -> ChatMessage { ChatMessage(role: "assistant", content: text) }

    var json: JSONValue {
        var object: JSONObject = ["role": .string(role), "content": content]
        for (key, value) in extra { object[key] = value }
        return .object(object)
    }

    /// Says nothing at all: no text, no parts, nothing beside them.
    var isBlank: Bool {
        guard extra.isEmpty else { return false }
        switch content {
        case .string(let text): return text.allSatisfy(\.isWhitespace)
        case .array(let parts): return parts.isEmpty
        default: return content.isNull
        }
    }
}

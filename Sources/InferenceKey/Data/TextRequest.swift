/// The body of a chat completion, checked before anything is sent. Options that are not set are not sent.
package struct TextRequest: Sendable {
    package var prompt: String?
    package var messages: [ChatMessage]?
    package var temperature: Double?
    package var maxTokens: Int?
    package var extra: JSONObject

    package init(
        prompt: String? = nil, messages: [ChatMessage]? = nil, temperature: Double? = nil, maxTokens: Int? = nil,
        extra: JSONObject = [:]
    ) {
        self.prompt = prompt
        self.messages = messages
        self.temperature = temperature
        self.maxTokens = maxTokens
        self.extra = extra
    }

    private static let ownFields: Set<String> = ["model", "messages", "stream"]

    /// - Parameter model: the workload's slug.
    package func body(model: String, stream: Bool = false) throws(InferenceKeyError) -> JSONObject {
        var body: JSONObject = ["model": .string(model), "messages": .array(try turns().map(\.json))]
        if let temperature {
            guard temperature.isFinite else { throw Self.invalid("temperature", "must be a finite number") }
            body["temperature"] = .double(temperature)
        }
        if let maxTokens {
            guard maxTokens > 0 else { throw Self.invalid("max_tokens", "must be at least 1") }
            body["max_tokens"] = .int(maxTokens)
        }
        if stream { body["stream"] = true }
        for (key, value) in extra {
            if Self.ownFields.contains(key) { throw Self.invalid(key, "is set by the client") }
            if body[key] != nil { throw Self.invalid(key, "is given twice") }
            body[key] = value
        }
        return body
    }

    private func turns() throws(InferenceKeyError) -> [ChatMessage] {
        switch (prompt, messages) {
        case (_?, _?): throw .validation("prompt and messages are exclusive; give one of them")
        case (nil, nil): throw .validation("prompt or messages is required")
        case (let prompt?, nil):
            if prompt.allSatisfy(\.isWhitespace) { throw Self.invalid("prompt", "must not be blank") }
            return [.user(prompt)]
        case (nil, let messages?):
            if messages.isEmpty { throw Self.invalid("messages", "must not be empty") }
            for (index, message) in messages.enumerated() {
                if message.role.allSatisfy(\.isWhitespace) {
                    throw Self.invalid("messages[\(index)].role", "must not be blank")
                }
                if message.isBlank { throw Self.invalid("messages[\(index)].content", "must not be blank") }
            }
            return messages
        }
    }

    static func invalid(_ field: String, _ reason: String) -> InferenceKeyError {
        .validation("\(field) \(reason)", fields: [field: reason])
    }
}

import InferenceKey
import InferenceKeyWire

extension Arguments {
    /// The endpoint that the operation calls.
    mutating func endpoint(of client: DataClient) throws(InferenceKeyError) -> Endpoint {
        let (slug, apiKey) = (requiredText("slug"), text("api_key"))
        return try client.endpoint(slug, apiKey: apiKey)
    }

    /// What a text is generated from. Ends the reading of the arguments.
    mutating func textRequest() throws(InferenceKeyError) -> TextRequest {
        var request = TextRequest(
            prompt: text("prompt"), temperature: double("temperature"), maxTokens: int("max_tokens"),
            extra: object("extra") ?? [:])
        if let messages = array("messages") {
            var turns: [ChatMessage] = []
            for (index, json) in messages.enumerated() {
                guard var members = json.objectValue else {
                    reject("messages[\(index)]", "must be an object, not \(json.kindName)")
                    continue
                }
                let (role, content) = (members["role"]?.stringValue ?? "", members["content"] ?? .null)
                members["role"] = nil
                members["content"] = nil
                turns.append(ChatMessage(role: role, content: content, extra: members))
            }
            request.messages = turns
        }
        try finish()
        return request
    }

    /// The body under `json`, `text` or `base64`, if there is one.
    mutating func requestBody() throws(InferenceKeyError) -> RequestBody? {
        let (json, text, base64) = (value("json"), text("text"), text("base64"))
        let type = self.text("content_type")
        if [json != nil, text != nil, base64 != nil].filter(\.self).count > 1 {
            reject("json", "stands beside text or base64; give one of them")
        }
        if let json { return .json(json) }
        if let text { return .bytes(Array(text.utf8), contentType: type ?? "text/plain; charset=utf-8") }
        guard let base64 else { return nil }
        guard let bytes = Base64.decode(base64) else {
            reject("base64", "is not base64")
            return nil
        }
        return .bytes(bytes, contentType: type ?? "application/octet-stream")
    }

    /// What a job is about: JSON, or bytes with their type. Ends the reading of the arguments.
    mutating func jobBody() throws(InferenceKeyError) -> RequestBody {
        let (json, base64, type) = (value("body"), text("base64"), text("content_type"))
        let bytes = base64.map(Base64.decode)
        if json != nil, base64 != nil { reject("body", "stands beside base64; give one of them") }
        if json == nil, base64 == nil { reject("body", "is required, or base64 with content_type") }
        if base64 != nil, type == nil { reject("content_type", "is required beside base64") }
        if json != nil, type != nil { reject("content_type", "is for base64; a JSON body has none") }
        if let bytes, bytes == nil { reject("base64", "is not base64") }
        try finish()
        return json.map { .json($0) } ?? .bytes((bytes ?? nil) ?? [], contentType: type ?? "")
    }
}

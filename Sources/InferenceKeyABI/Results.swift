import InferenceKey
import InferenceKeyWire

extension Usage {
    var json: JSONValue {
        [
            "prompt_tokens": .int(promptTokens), "completion_tokens": .int(completionTokens),
            "total_tokens": .int(totalTokens),
        ]
    }
}

extension TextResult {
    var json: JSONValue {
        [
            "text": .string(text), "model": .string(model), "finish_reason": .optional(finishReason),
            "usage": usage?.json ?? .null, "raw": raw,
        ]
    }
}

extension TextChunk {
    var json: JSONValue {
        [
            "text": .string(text), "finish_reason": .optional(finishReason), "usage": usage?.json ?? .null, "raw": raw,
        ]
    }
}

extension EmbedResult {
    var json: JSONValue {
        [
            "embeddings": .array(embeddings.map { .array($0.map { .double($0) }) }), "model": .string(model),
            "usage": usage?.json ?? .null, "raw": raw,
        ]
    }
}

extension RerankResult {
    var json: JSONValue {
        let items = results.map { item -> JSONValue in
            ["index": .int(item.index), "relevance_score": .double(item.relevanceScore)]
        }
        return ["results": .array(items), "model": .string(model), "raw": raw]
    }
}

extension EndpointAnswer {
    var json: JSONValue {
        let pairs = headers.map { JSONValue.array([.string($0.name), .string($0.value)]) }
        let content: (String, JSONValue) =
            String(validating: body, as: UTF8.self).map { ("text", .string($0)) }
            ?? ("base64", .string(Base64.encode(body)))
        return .object(JSONObject([("status", .int(status)), ("headers", .array(pairs)), content]))
    }
}

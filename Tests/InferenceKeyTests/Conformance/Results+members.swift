import InferenceKey

extension Usage {
    var members: JSONValue {
        [
            "prompt_tokens": .int(promptTokens), "completion_tokens": .int(completionTokens),
            "total_tokens": .int(totalTokens),
        ]
    }
}

extension TextResult {
    var members: JSONValue {
        [
            "text": .string(text), "model": .string(model), "finish_reason": .optional(finishReason),
            "usage": usage?.members ?? .null, "raw": raw,
        ]
    }
}

extension TextChunk {
    var members: JSONValue {
        [
            "text": .string(text), "finish_reason": .optional(finishReason), "usage": usage?.members ?? .null,
            "raw": raw,
        ]
    }
}

extension EmbedResult {
    var members: JSONValue {
        [
            "embeddings": .array(embeddings.map { .array($0.map { .double($0) }) }), "model": .string(model),
            "usage": usage?.members ?? .null, "raw": raw,
        ]
    }
}

extension RerankResult {
    var members: JSONValue {
        let items = results.map { item -> JSONValue in
            ["index": .int(item.index), "relevance_score": .double(item.relevanceScore)]
        }
        return ["results": .array(items), "model": .string(model), "raw": raw]
    }
}

extension Job {
    var members: JSONValue {
        [
            "job_id": .string(id), "state": .optional(state), "attempts": .optional(attempts),
            "result": result ?? .null, "raw": raw,
        ]
    }
}

extension EndpointAnswer {
    var members: JSONValue {
        [
            "status": .int(status), "headers": .array(headers.map { .array([.string($0.name), .string($0.value)]) }),
            "text": .string(String(decoding: body, as: UTF8.self)),
        ]
    }
}

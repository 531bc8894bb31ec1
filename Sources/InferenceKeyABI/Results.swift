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
    /// The result in the words of the wire. What came as JSON is copied as it came.
    var bytes: [UInt8] {
        var data = data
        return data.withUTF8 { data in
            var out = TextMembers(data)
            out.add(#"{"text":"#, textPlace, orElse: #""""#)
            out.add(#","model":"#, modelPlace, orElse: #""""#)
            out.add(finishReasonPlace, usage)
            return out.bytes
        }
    }
}

extension TextChunk {
    /// The chunk in the words of the wire. What came as JSON is copied as it came.
    var bytes: [UInt8] {
        var data = data
        return data.withUTF8 { data in
            var out = TextMembers(data)
            out.add(#"{"text":"#, textPlace, orElse: #""""#)
            out.add(finishReasonPlace, usage)
            return out.bytes
        }
    }
}

/// The members of a result or chunk, of which most are pieces of the JSON that brought it.
private struct TextMembers {
    private(set) var bytes: [UInt8] = []
    private let data: UnsafeBufferPointer<UInt8>

    init(_ data: UnsafeBufferPointer<UInt8>) {
        self.data = data
        bytes.reserveCapacity(2 * data.count + 128)
    }

    mutating func add(_ key: StaticString, _ place: Range<Int>?, orElse other: StaticString) {
        add(key)
        if let place { bytes.append(contentsOf: data[place]) } else { add(other) }
    }

    /// The last of them, `raw` included.
    mutating func add(_ finishReasonPlace: Range<Int>?, _ usage: Usage?) {
        add(#","finish_reason":"#, finishReasonPlace, orElse: "null")
        add(#","usage":"#)
        if let usage {
            add(#"{"prompt_tokens":"#, usage.promptTokens)
            add(#","completion_tokens":"#, usage.completionTokens)
            add(#","total_tokens":"#, usage.totalTokens)
            add("}")
        } else {
            add("null")
        }
        add(#","raw":"#)
        bytes.append(contentsOf: data)
        add("}")
    }

    private mutating func add(_ key: StaticString, _ number: Int) {
        add(key)
        bytes.append(contentsOf: String(number).utf8)
    }

    private mutating func add(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
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

extension Job {
    var json: JSONValue {
        [
            "job_id": .string(id), "state": .optional(state), "attempts": .optional(attempts),
            "result": result ?? .null, "raw": raw,
        ]
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

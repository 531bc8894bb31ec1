import InferenceKeyWire

/// What a request's JSON body says under the few top-level keys the Gateway acts on, as places in its bytes.
struct JSONKeys: Sendable, Hashable {
    /// The value of `model` without its quotes.
    var model: Range<Int>?
    /// Whether that value holds a backslash.
    var modelIsEscaped = false
    /// Whether `stream` is true.
    var streams = false
    /// Whether `stream_options` asks for usage.
    var asksForUsage = false
    /// Where the first value begins that an engine reads as the prompt: messages, tools and the like.
    var promptStart: Int?
    /// The value of `user` without its quotes, as it stands.
    var user: Range<Int>?
    /// Bytes of strings that are no text: images and sounds.
    var encodedBytes = 0
}

/// Why a JSON body is refused before an engine sees it.
enum JSONKeyFault: Error, Sendable, Hashable {
    case notAnObject, tooDeep, unfinished, malformed, repeatedModel, modelNotAString

    var refusal: Refusal {
        switch self {
        case .notAnObject: Refusal(.invalidRequest, "the body must be a JSON object")
        case .tooDeep: Refusal(.invalidRequest, "the body is nested deeper than \(JSONValue.maxDepth)")
        case .unfinished: Refusal(.invalidRequest, "the JSON body ends before it is complete")
        case .malformed: Refusal(.invalidRequest, "the body is not well-formed JSON")
        case .repeatedModel: Refusal(.invalidRequest, "model stands in the body twice", param: "model")
        case .modelNotAString: Refusal(.invalidRequest, "model must be a string", param: "model")
        }
    }
}

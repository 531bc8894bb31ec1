/// A refusal on its way out of a service: what happened and what to do, once, for either plane's form.
///
/// What it quotes of a request may hold a credential that was put where it does not belong: both bodies are scrubbed.
package struct ServiceError: Error, Sendable, Equatable {
    package var code: ErrorCode
    package var message: String
    /// What is wrong, by field, for validation errors.
    package var fields: [String: String]
    /// When a retry may succeed, at most ``maxRetryAfterMilliseconds``.
    package var retryAfterMilliseconds: Int?

    package static let maxRetryAfterMilliseconds = 120_000

    package init(
        _ code: ErrorCode, _ message: String, fields: [String: String] = [:], retryAfterMilliseconds: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.fields = fields
        self.retryAfterMilliseconds = retryAfterMilliseconds.map { min($0, Self.maxRetryAfterMilliseconds) }
    }

    package init(_ errors: FieldErrors) {
        self.init(.invalidRequest, errors.summary, fields: errors.fields)
    }

    /// The body on `/api`, where `error` is a string.
    package func controlBody(requestID: String) -> JSONValue {
        var object: JSONObject = [
            "error": .string(code.rawValue), "message": .string(Redaction.scrub(message)),
            "request_id": .string(requestID),
        ]
        if !fields.isEmpty {
            let sorted = fields.sorted { $0.key < $1.key }
            object["fields"] = .object(
                JSONObject(sorted.map { (Redaction.scrub($0.key), .string(Redaction.scrub($0.value))) }))
        }
        return .object(object)
    }

    /// The body on `/endpoint`: the OpenAI error object.
    package func dataBody(param: String? = nil) -> JSONValue {
        [
            "error": [
                "message": .string(Redaction.scrub(message)), "type": .string(code.openAIType),
                "param": .optional(param),
                "code": .string(code.rawValue),
            ]
        ]
    }
}

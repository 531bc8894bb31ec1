/// What a client throws: one closed list of kinds, the same in every language.
public struct InferenceKeyError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Before any request: something is missing or malformed in the configuration.
        case configuration
        /// A bad argument, 400, 422, or drift under `fail`.
        case validation
        /// 401
        case authentication
        /// 403, or the wrong token, found before any request.
        case permissionDenied = "permission_denied"
        /// 404
        case notFound = "not_found"
        /// 429
        case rateLimited = "rate_limited"
        /// Any other answer.
        case api
        /// No answer.
        case network
        /// A deadline passed.
        case timeout
        /// The caller cancelled.
        case cancelled
    }

    public var kind: Kind
    /// What happened and what to do, with the prefix of its kind. Holds no secret.
    public var message: String
    /// The HTTP status of the answer, if there was one.
    public var status: Int?
    /// The platform's code, such as `workload_not_ready`. Like every text here it holds no secret.
    public var code: String?
    public var requestID: String?
    public var retryAfterMilliseconds: Int?
    /// What is wrong, by field.
    public var fields: [String: String]
    /// Whether another try would meet it again though it came from the network: a certificate that is not trusted.
    package var isLasting = false

    public init(
        kind: Kind, message: String, status: Int? = nil, code: String? = nil, requestID: String? = nil,
        retryAfterMilliseconds: Int? = nil, fields: [String: String] = [:]
    ) {
        self.kind = kind
        self.message = Redaction.scrub(message)
        self.status = status
        self.code = code.map(Redaction.scrub)
        self.requestID = requestID.map(Redaction.scrub)
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.fields = Dictionary(
            fields.map { (Redaction.scrub($0.key), Redaction.scrub($0.value)) }, uniquingKeysWith: { first, _ in first }
        )
    }

    public var description: String { message }
}

extension InferenceKeyError {
    package static func configuration(_ message: String) -> InferenceKeyError {
        InferenceKeyError(kind: .configuration, message: "configuration error: \(message)")
    }

    package static func validation(_ message: String, fields: [String: String] = [:]) -> InferenceKeyError {
        InferenceKeyError(kind: .validation, message: "validation error: \(message)", fields: fields)
    }

    package static func network(_ message: String) -> InferenceKeyError {
        InferenceKeyError(kind: .network, message: "network error: \(message)")
    }

    package static func timeout(_ message: String) -> InferenceKeyError {
        InferenceKeyError(kind: .timeout, message: "timed out: \(message)")
    }

    package static let cancelled = InferenceKeyError(kind: .cancelled, message: "cancelled by the caller")

    /// The error that an answer of either plane means. Understands both error forms, and a body that is none.
    package init(status: Int, body: some Sequence<UInt8>, requestID: String?, retryAfterMilliseconds: Int?) {
        let answer = AnswerText(body: Array(body))
        let detail = answer.message
        let code = answer.code
        let kind: Kind
        let prefix: String
        switch status {
        case 400, 422: (kind, prefix) = (.validation, "bad request: ")
        case 401: (kind, prefix) = (.authentication, "authentication failed: ")
        case 403: (kind, prefix) = (.permissionDenied, "permission denied [\(code ?? "forbidden")]: ")
        case 404: (kind, prefix) = (.notFound, "not found: ")
        case 429: (kind, prefix) = (.rateLimited, "rate limited: ")
        default: (kind, prefix) = (.api, "api error (status \(status)): ")
        }
        self.init(
            kind: kind, message: prefix + detail, status: status, code: code,
            requestID: answer.requestID ?? requestID, retryAfterMilliseconds: retryAfterMilliseconds,
            fields: answer.fields)
    }
}

/// What an error body says, whatever its form.
private struct AnswerText {
    var message: String
    var code: String?
    var requestID: String?
    var fields: [String: String] = [:]

    init(body: [UInt8]) {
        guard let json = try? JSONValue(parsing: body) else {
            let text = String(decoding: body.prefix(200), as: UTF8.self)
            message = body.isEmpty ? "the answer had no body" : "the answer was not JSON: \(text)"
            return
        }
        if let inner = json["error"]?.objectValue {
            code = inner["code"]?.stringValue ?? inner["type"]?.stringValue
            message = inner["message"]?.stringValue ?? json.text
        } else {
            code = json["error"]?.stringValue
            message = json["message"]?.stringValue ?? json["detail"]?.stringValue ?? json.text
        }
        requestID = json["request_id"]?.stringValue
        for (key, value) in json["fields"]?.objectValue ?? [:] { fields[key] = value.stringValue ?? value.text }
    }
}

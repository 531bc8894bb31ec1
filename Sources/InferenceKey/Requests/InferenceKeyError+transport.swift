package import InferenceKeyWire
package import Transport

extension InferenceKeyError {
    /// What a failure of the connection means to a caller.
    package init(_ error: TransportError, talkingTo base: BaseURL) {
        switch error {
        case .timeout(let text, _): self = .timeout(text)
        case .cancelled: self = .cancelled
        case .connect(let text): self = .network("\(text). Is a platform running at \(base.text)?")
        case .unsendable(let text): self = .validation(text)
        case .tls:
            self = .network(error.description)
            isLasting = true
        case .reset, .malformed, .tooLarge: self = .network(error.description)
        }
    }

    /// An answer that succeeded and is not what was asked for.
    package static func unexpected(_ head: HTTPHead, _ detail: String) -> InferenceKeyError {
        InferenceKeyError(
            kind: .api, message: "api error (status \(head.status)): \(detail)", status: head.status,
            requestID: head["x-request-id"])
    }
}

extension HTTPAnswer {
    /// The body as JSON. Throws a typed error for HTML, broken JSON and an empty body.
    package func json() throws(InferenceKeyError) -> JSONValue {
        do throws(JSONSyntaxError) {
            return try JSONValue(parsing: body)
        } catch {
            let text = String(decoding: body.prefix(200), as: UTF8.self)
            let what = body.isEmpty ? "the answer had no body" : "the answer was not JSON (\(error)): \(text)"
            throw .unexpected(head, what)
        }
    }
}

import InferenceKeyWire

/// An answer of the control API before it is bytes.
struct Reply: Sendable {
    enum Body: Sendable {
        case none
        case json(JSONValue)
        case text(String, contentType: String)
        case events(@Sendable () -> any EventSource)
    }

    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: Body

    static func ok(_ json: JSONValue) -> Reply { Reply(status: 200, body: .json(json)) }
    static func created(_ json: JSONValue) -> Reply { Reply(status: 201, body: .json(json)) }
    static let noContent = Reply(status: 204, body: .none)

    static func events(_ source: @escaping @Sendable () -> any EventSource) -> Reply {
        Reply(
            status: 200, headers: [("cache-control", "no-cache"), ("x-accel-buffering", "no")], body: .events(source))
    }

    func with(_ name: String, _ value: String) -> Reply {
        var reply = self
        reply.headers.append((name, value))
        return reply
    }
}

extension Reply {
    /// A refusal in the form of `/api`, with the headers that tell a client whether to try again.
    init(_ refusal: ServiceError, requestID: String) {
        var error = refusal
        // What was sent may be quoted, and somebody may have sent a credential where none belongs.
        error.message = Redaction.scrub(error.message)
        error.fields = error.fields.mapValues(Redaction.scrub)
        self.init(status: error.code.status, body: .json(error.controlBody(requestID: requestID)))
        if let milliseconds = error.retryAfterMilliseconds {
            headers.append(("retry-after-ms", String(milliseconds)))
            headers.append(("retry-after", String((milliseconds + 999) / 1000)))
        }
        if error.code == .conflict {
            headers.append(("x-should-retry", error.retryAfterMilliseconds == nil ? "false" : "true"))
        }
        if error.code == .invalidCredentials { headers.append(("www-authenticate", "Bearer")) }
    }
}

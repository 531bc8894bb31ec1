import Transport

/// An answer as it came.
public struct EndpointAnswer: Sendable, Hashable {
    public var status: Int
    /// Names in the spelling of the server.
    public var headers: [(name: String, value: String)] { fields.map { ($0.name, $0.value) } }
    public var body: [UInt8]
    private var fields: [HTTPField]
    private var head: HTTPHead { HTTPHead(status: status, headers: fields) }

    init(_ answer: HTTPAnswer) {
        status = answer.head.status
        fields = answer.head.headers
        body = answer.body
    }

    /// The first value of the header, whatever the case of its name.
    public func header(_ name: String) -> String? { head[name] }

    /// The body as JSON. Throws a typed error when it is none.
    public func json() throws(InferenceKeyError) -> JSONValue { try HTTPAnswer(head: head, body: body).json() }
}

/// What a request carries.
public enum RequestBody: Sendable, Hashable {
    case json(JSONValue)
    case bytes([UInt8], contentType: String)
}

extension Endpoint {
    /// Calls any other route of the endpoint.
    /// - Parameters:
    ///   - path: below ``baseURL``, percent-encoded, such as `/images/generations`.
    ///   - headers: further headers; a `Content-Type` stands in place of the body's own, an `Idempotency-Key` lets a request that may have begun be sent again.
    public func request(
        _ method: String, _ path: String, body: RequestBody? = nil, headers: [String: String] = [:]
    ) async throws(InferenceKeyError) -> EndpointAnswer {
        guard path.hasPrefix("/") else {
            throw .validation("path must start with /", fields: ["path": "must start with /"])
        }
        guard !headers.keys.contains(where: { $0.lowercased() == "authorization" }) else {
            throw .validation("the header authorization is set by the client; pass another key to endpoint()")
        }
        var fields = headers.sorted { $0.key < $1.key }.map { HTTPField($0.key, $0.value) }
        let bytes: [UInt8]?
        var type: String?
        switch body {
        case .json(let json): (bytes, type) = (json.bytes, "application/json")
        case .bytes(let data, let contentType): (bytes, type) = (data, contentType)
        case nil: bytes = nil
        }
        if let type, !fields.contains(where: { $0.isNamed("content-type") }) {
            fields.insert(HTTPField("content-type", type), at: 0)
        }
        let call = Call(method.uppercased(), self.path(path), headers: fields, body: bytes)
        return EndpointAnswer(try await caller.send(call))
    }
}

/// One request, with its whole body.
package struct HTTPRequest: Sendable, Hashable {
    package var method: String
    package var base: BaseURL
    /// Starts with `/`, already percent-encoded, with its query; appended to the base's path.
    package var path: String
    package var headers: [HTTPField]
    package var body: [UInt8]?
    /// Whether sending it twice does no more than sending it once.
    package var isReplayable: Bool

    /// - Parameter isReplayable: unless given, what method and headers say.
    package init(
        _ method: String, _ base: BaseURL, _ path: String, headers: [HTTPField] = [], body: [UInt8]? = nil,
        isReplayable: Bool? = nil
    ) {
        self.method = method
        self.base = base
        self.path = path
        self.headers = headers
        self.body = body
        self.isReplayable = isReplayable ?? Self.isReplayable(method, headers)
    }

    /// Whether the method is one that may be repeated, or an `Idempotency-Key` says so.
    package static func isReplayable(_ method: String, _ headers: [HTTPField]) -> Bool {
        ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].contains(method)
            || headers.contains { $0.isNamed("idempotency-key") }
    }

    package subscript(name: String) -> String? { headers.first { $0.isNamed(name) }?.value }
}

extension HTTPRequest {
    /// The request as it travels. Throws ``TransportError/unsendable(_:)`` for what could break out of its line.
    /// - Parameter bodyBytes: the length of a body that follows and is not ``body``.
    package func bytes(bodyBytes: Int? = nil) throws(TransportError) -> [UInt8] {
        var out = RequestWriter(capacityBytes: headBytes + (body?.count ?? 0))
        try out.requestLine(method, base.path, path)
        if self["host"] == nil { out.field("host", base.authority) }
        for field in headers { try out.checked(field) }
        if body != nil || method == "POST" || method == "PUT" || method == "PATCH" {
            out.field("content-length", String(bodyBytes ?? body?.count ?? 0))
        }
        out.end(body)
        return out.bytes
    }

    /// At least as long as the head will be.
    private var headBytes: Int {
        let line = method.utf8.count + base.path.utf8.count + path.utf8.count
        return headers.reduce(line + base.host.utf8.count + 96) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
    }
}

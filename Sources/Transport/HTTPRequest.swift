/// One request, with its whole body.
package struct HTTPRequest: Sendable, Hashable {
    package var method: String
    package var base: BaseURL
    /// Starts with `/`, already percent-encoded, with its query; appended to the base's path.
    package var path: String
    package var headers: [HTTPField]
    package var body: [UInt8]?

    package init(
        _ method: String, _ base: BaseURL, _ path: String, headers: [HTTPField] = [], body: [UInt8]? = nil
    ) {
        self.method = method
        self.base = base
        self.path = path
        self.headers = headers
        self.body = body
    }

    package subscript(name: String) -> String? { headers.first { HTTPSyntax.same($0.name, name) }?.value }
}

extension HTTPRequest {
    /// The request as it travels. Throws ``TransportError/malformed(_:)`` for what could break out of its line.
    /// - Parameter bodyBytes: the length of a body that follows and is not ``body``.
    package func bytes(bodyBytes: Int? = nil) throws(TransportError) -> [UInt8] {
        try check()
        var text = "\(method) \(base.path)\(path) HTTP/1.1\r\n"
        if self["host"] == nil { text += "host: \(base.authority)\r\n" }
        for field in headers { text += "\(field.name): \(field.value)\r\n" }
        if body != nil || ["POST", "PUT", "PATCH"].contains(method) {
            text += "content-length: \(bodyBytes ?? body?.count ?? 0)\r\n"
        }
        var bytes = Array((text + "\r\n").utf8)
        if let body { bytes.append(contentsOf: body) }
        return bytes
    }

    /// Whether sending it twice does no more than sending it once.
    var isReplayable: Bool {
        ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].contains(method) || self["idempotency-key"] != nil
    }

    private static let ownFields = ["content-length", "transfer-encoding", "connection"]

    private func check() throws(TransportError) {
        guard HTTPSyntax.isToken(method) else { throw .malformed("the method is not a token") }
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.allSatisfy(HTTPSyntax.isTargetByte),
            !path.utf8.contains(UInt8(ascii: "#"))
        else { throw .malformed("the path must start with / and be percent-encoded") }
        for field in headers {
            guard HTTPSyntax.isToken(field.name) else {
                throw .malformed("a header name holds a character that may not stand there")
            }
            guard field.value.utf8.allSatisfy(HTTPSyntax.isValueByte) else {
                throw .malformed("the value of the header \(field.name) holds a line break or control character")
            }
            guard !Self.ownFields.contains(where: { HTTPSyntax.same($0, field.name) }) else {
                throw .malformed("the header \(field.name) is set by the client itself")
            }
        }
    }
}

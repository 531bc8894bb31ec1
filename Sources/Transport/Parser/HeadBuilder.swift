/// Where the body of an answer ends.
enum BodyFraming: Sendable, Hashable {
    case none
    case length(Int)
    case chunked
    case untilClose
}

/// Builds a head from its lines and works out how its body is framed (RFC 9112, section 6.3).
struct HeadBuilder: Sendable {
    private(set) var hasBegun = false
    private var status = 0
    private var isHTTP10 = false
    private var fields: [HTTPField] = []

    mutating func statusLine(_ line: [UInt8]) throws(TransportError) {
        hasBegun = true
        let version = line.prefix(8)
        let digits = line.dropFirst(9).prefix(3)
        guard version.starts(with: "HTTP/1.".utf8),
            version.last == UInt8(ascii: "0") || version.last == UInt8(ascii: "1"),
            line.count >= 12, line[8] == 0x20, line.count == 12 || line[12] == 0x20,
            let status = Int(String(decoding: digits, as: UTF8.self)), (100..<1000).contains(status)
        else { throw .malformed("the answer does not begin with an HTTP/1.1 status line") }
        self.status = status
        isHTTP10 = version.last == UInt8(ascii: "0")
    }

    mutating func field(_ line: [UInt8]) throws(TransportError) {
        guard fields.count < HTTPResponseParser.maxFields else {
            throw .malformed("the answer has more than \(HTTPResponseParser.maxFields) header fields")
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            line[..<colon].allSatisfy(HTTPSyntax.isTokenByte)
        else { throw .malformed("a header line of the answer has no well-formed name") }
        let value = Self.trimmed(line[(colon + 1)...])
        guard value.allSatisfy(HTTPSyntax.isValueByte) else {
            throw .malformed("a header value of the answer holds a control character")
        }
        fields.append(
            HTTPField(String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self)))
    }

    func finish(isHeadRequest: Bool) throws(TransportError) -> (HTTPHead, BodyFraming) {
        let head = HTTPHead(status: status, headers: fields)
        if isHeadRequest || status < 200 || status == 204 || status == 304 { return (head, .none) }
        let codings = items(of: "transfer-encoding")
        if !codings.isEmpty {
            guard codings == ["chunked"] else { throw .malformed("the answer's transfer encoding is not chunked") }
            return (head, .chunked)
        }
        guard let first = items(of: "content-length").first else { return (head, .untilClose) }
        guard items(of: "content-length").allSatisfy({ $0 == first }), first.utf8.count <= 18,
            first.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(first)
        else { throw .malformed("the answer's content length is not one number") }
        return (head, .length(length))
    }

    /// Whether the server means to keep the connection, as far as the head says.
    var keepsAlive: Bool {
        let options = items(of: "connection")
        if options.contains("close") { return false }
        // Two framings at once: whoever sent this may not agree with us where the answer ends.
        if !items(of: "transfer-encoding").isEmpty, !items(of: "content-length").isEmpty { return false }
        return !isHTTP10 || options.contains("keep-alive")
    }

    /// The comma-separated items of every field of that name, in lower case.
    private func items(of name: String) -> [String] {
        fields.filter { HTTPSyntax.same($0.name, name) }
            .flatMap { $0.value.split(separator: ",", omittingEmptySubsequences: false) }
            .map { String(decoding: Self.trimmed(Array($0.utf8)[...]), as: UTF8.self).lowercased() }
    }

    private static func trimmed(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var value = value.drop { $0 == 0x20 || $0 == 0x09 }
        while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
        return value
    }
}

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
    /// The comma-separated items of the fields that say where the answer ends, in lower case.
    private var codings: [String] = []
    private var lengths: [String] = []
    private var options: [String] = []

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
        let field = HTTPField(
            String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
        fields.append(field)
        if field.isNamed("transfer-encoding") { codings += Self.items(of: field.value) }
        if field.isNamed("content-length") { lengths += Self.items(of: field.value) }
        if field.isNamed("connection") { options += Self.items(of: field.value) }
    }

    func finish(isHeadRequest: Bool) throws(TransportError) -> (HTTPHead, BodyFraming) {
        let head = HTTPHead(status: status, headers: fields)
        if isHeadRequest || status < 200 || status == 204 || status == 304 { return (head, .none) }
        if !codings.isEmpty {
            guard codings == ["chunked"] else { throw .malformed("the answer's transfer encoding is not chunked") }
            return (head, .chunked)
        }
        guard let first = lengths.first else { return (head, .untilClose) }
        guard lengths.allSatisfy({ $0 == first }), first.utf8.count <= 18,
            first.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(first)
        else { throw .malformed("the answer's content length is not one number") }
        return (head, .length(length))
    }

    /// Whether the server means to keep the connection, as far as the head says.
    var keepsAlive: Bool {
        if options.contains("close") { return false }
        // Two framings at once: whoever sent this may not agree with us where the answer ends.
        if !codings.isEmpty, !lengths.isEmpty { return false }
        return !isHTTP10 || options.contains("keep-alive")
    }

    private static func items(of value: String) -> [String] {
        guard value.utf8.contains(UInt8(ascii: ",")) else { return [value.lowercased()] }
        return value.split(separator: ",", omittingEmptySubsequences: false)
            .map { String(decoding: trimmed(Array($0.utf8)[...]), as: UTF8.self).lowercased() }
    }

    private static func trimmed(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var value = value.drop { $0 == 0x20 || $0 == 0x09 }
        while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
        return value
    }
}

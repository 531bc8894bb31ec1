/// Reads a whole request head strictly by RFC 9112: what two readers could understand in two ways is refused.
///
/// Refused are: a bare CR or LF, a folded line, a space before a colon, a control character in a value, a target that is
/// no path, `Host` missing or twice, `Content-Length` twice or beside `Transfer-Encoding`, and any transfer encoding
/// but `chunked`.
enum RequestHeadParser {
    /// - Parameters:
    ///   - length: where ``HeadEnd`` found the head to end.
    ///   - fields: gets the header fields, in their order.
    static func parse(
        _ bytes: UnsafeRawBufferPointer, length: Int, into fields: inout [FieldSpan]
    ) throws(HeadFault) -> RequestHead {
        fields.removeAll(keepingCapacity: true)
        // One empty line before a request is let pass: old clients send it after a body.
        let start = bytes[0] == 0x0D && bytes[1] == 0x0A ? 2 : 0
        guard let feed = bytes.firstIndex(of: 0x0A, from: start), feed < length - 1 else { throw .requestLine }
        var head = try requestLine(bytes, start..<feed - 1)
        head.length = length
        var reader = FieldReader()
        var position = feed + 1
        while position < length - 2, let end = bytes.firstIndex(of: 0x0A, from: position) {
            guard fields.count < FieldLines.maxFields else { throw .tooManyFields }
            var span = try FieldLines.span(bytes, position..<end - 1)
            span.kind = FieldKind(request: bytes.part(span.name))
            if span.kind != .endToEnd { try reader.read(bytes, span, into: &head) }
            fields.append(span)
            position = end + 1
        }
        try reader.finish(into: &head)
        if reader.connectionNamesFields { try FieldLines.dropNamed(bytes, &fields) }
        return head
    }

    private static func requestLine(
        _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>
    ) throws(HeadFault) -> RequestHead {
        var position = line.lowerBound
        while position < line.upperBound, ByteClass.isToken(bytes[position]) { position += 1 }
        guard position > line.lowerBound, position < line.upperBound, bytes[position] == 0x20 else {
            throw .requestLine
        }
        let method = Method(bytes.part(line.lowerBound..<position))
        position += 1
        let start = position
        while position < line.upperBound, ByteClass.isTarget(bytes[position]) { position += 1 }
        guard position > start, position < line.upperBound, bytes[position] == 0x20 else {
            throw position < line.upperBound && bytes[position] != 0x20 ? .target : .requestLine
        }
        try checkVersion(bytes.part(position + 1..<line.upperBound))
        guard bytes[start] == UInt8(ascii: "/") else {
            throw bytes.part(start..<position).contains(UInt8(ascii: ":")) ? .absoluteForm : .target
        }
        return RequestHead(method: method, target: start..<position, length: 0)
    }

    private static func checkVersion(_ version: UnsafeRawBufferPointer) throws(HeadFault) {
        if version.equals("HTTP/1.1") { return }
        throw version.equals("HTTP/1.0") ? .http10 : version.matches("HTTP/", at: 0) ? .version : .requestLine
    }
}

/// What has been read of the fields that matter.
private struct FieldReader {
    private var hosts = 0
    private var lengths = 0
    private var encodings = 0
    private var optionsLeft = FieldLines.maxOptions
    private(set) var connectionNamesFields = false

    mutating func read(
        _ bytes: UnsafeRawBufferPointer, _ span: FieldSpan, into head: inout RequestHead
    ) throws(HeadFault) {
        let value = bytes.part(span.value)
        switch span.kind {
        case .host:
            hosts += 1
            guard !value.isEmpty, value.allSatisfy(ByteClass.isHost) else { throw .hostValue }
        case .contentLength:
            lengths += 1
            guard let length = value.decimal() else { throw .contentLength }
            head.framing = .length(length)
        case .transferEncoding:
            encodings += 1
            guard value.equalsIgnoringCase("chunked") else { throw .transferEncoding }
        case .connection: try readConnection(bytes, span.value, into: &head)
        case .expect:
            guard value.equalsIgnoringCase("100-continue") else { throw .expectation }
            head.expectsContinue = true
        case .authorization:
            guard head.authorization == nil else { throw .repeatedCredential }
            head.authorization = span.value
        case .apiKey:
            guard head.apiKey == nil else { throw .repeatedCredential }
            head.apiKey = span.value
        case .requestID: head.requestID = span.value
        case .contentType:
            // An engine may go by the first of two.
            guard head.contentType == nil else { throw .repeatedContentType }
            head.contentType = span.value
            head.content = Self.content(value)
        case .endToEnd, .dropped: break
        }
    }

    func finish(into head: inout RequestHead) throws(HeadFault) {
        guard hosts > 0 else { throw .missingHost }
        guard hosts == 1 else { throw .repeatedHost }
        guard lengths <= 1 else { throw .repeatedContentLength }
        guard encodings <= 1 else { throw .transferEncoding }
        guard encodings == 0 || lengths == 0 else { throw .lengthBesideEncoding }
        if encodings == 1 { head.framing = .chunked }
    }

    private mutating func readConnection(
        _ bytes: UnsafeRawBufferPointer, _ value: Range<Int>, into head: inout RequestHead
    ) throws(HeadFault) {
        var namesFields = false
        var closes = false
        try FieldLines.readConnection(bytes, value, left: &optionsLeft) { option in
            if option.equalsIgnoringCase("close") {
                closes = true
            } else if !option.equalsIgnoringCase("keep-alive") {
                namesFields = true
            }
        }
        if closes { head.keepsAlive = false }
        if namesFields { connectionNamesFields = true }
    }

    private static func content(_ value: UnsafeRawBufferPointer) -> RequestHead.Content {
        if isType("application/json", value) { return .json }
        return isType("multipart/form-data", value) ? .multipart : .other
    }

    /// Whether `value` is that media type, perhaps with parameters.
    private static func isType(_ type: StaticString, _ value: UnsafeRawBufferPointer) -> Bool {
        let end = type.utf8CodeUnitCount
        guard value.beginsIgnoringCase(with: type) else { return false }
        return value.count == end || value[end] == UInt8(ascii: ";") || value[end] == 0x20 || value[end] == 0x09
    }
}

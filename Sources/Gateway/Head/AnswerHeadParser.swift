/// Reads the head of an answer as strictly as that of a request: an engine that frames its answer in two ways is not
/// relayed.
enum AnswerHeadParser {
    /// Takes `bytes` from its start; nil when the head is not whole yet.
    static func parse(
        _ bytes: UnsafeRawBufferPointer, scanned: Int, limitBytes: Int, answersHead: Bool,
        into fields: inout [FieldSpan]
    ) throws(HeadFault) -> AnswerHead? {
        guard let length = try HeadEnd.find(bytes, scanned: scanned, limitBytes: limitBytes) else { return nil }
        fields.removeAll(keepingCapacity: true)
        guard let feed = bytes.firstIndex(of: 0x0A, from: 0), feed < length - 1 else { throw .statusLine }
        var head = try statusLine(bytes, 0..<feed - 1)
        head.length = length
        var reader = AnswerFieldReader()
        var position = feed + 1
        while position < length - 2, let end = bytes.firstIndex(of: 0x0A, from: position) {
            guard fields.count < FieldLines.maxFields else { throw .tooManyFields }
            var span = try FieldLines.span(bytes, position..<end - 1)
            span.kind = FieldKind(answer: bytes.part(span.name))
            if span.kind != .endToEnd { try reader.read(bytes, span, into: &head) }
            fields.append(span)
            position = end + 1
        }
        if reader.connectionNamesFields { try FieldLines.dropNamed(bytes, &fields) }
        reader.finish(answersHead: answersHead, into: &head)
        return head
    }

    private static func statusLine(
        _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>
    ) throws(HeadFault) -> AnswerHead {
        guard line.count >= 12, bytes.matches("HTTP/1.", at: 0), bytes[8] == 0x20,
            let status = bytes.part(9..<12).decimal(), (100..<600).contains(status),
            line.count == 12 || bytes[12] == 0x20, ByteClass.isValue(bytes.part(line))
        else { throw .statusLine }
        let minor = bytes[7]
        guard minor == UInt8(ascii: "1") || minor == UInt8(ascii: "0") else { throw .statusLine }
        return AnswerHead(
            status: status, length: 0, statusText: 9..<line.upperBound, keepsAlive: minor == UInt8(ascii: "1"))
    }
}

private struct AnswerFieldReader {
    private var length: Int?
    private var isChunked = false
    private var optionsLeft = FieldLines.maxOptions
    private(set) var connectionNamesFields = false

    mutating func read(
        _ bytes: UnsafeRawBufferPointer, _ span: FieldSpan, into head: inout AnswerHead
    ) throws(HeadFault) {
        let value = bytes.part(span.value)
        switch span.kind {
        case .contentLength:
            guard length == nil else { throw .repeatedContentLength }
            guard !isChunked else { throw .lengthBesideEncoding }
            guard let number = value.decimal() else { throw .contentLength }
            length = number
        case .transferEncoding:
            guard !isChunked, value.equalsIgnoringCase("chunked") else { throw .transferEncoding }
            guard length == nil else { throw .lengthBesideEncoding }
            isChunked = true
        case .connection:
            var closes = false
            var keeps = false
            var namesFields = false
            try FieldLines.readConnection(bytes, span.value, left: &optionsLeft) { option in
                if option.equalsIgnoringCase("close") {
                    closes = true
                } else if option.equalsIgnoringCase("keep-alive") {
                    keeps = true
                } else {
                    namesFields = true
                }
            }
            if keeps { head.keepsAlive = true }
            if closes { head.keepsAlive = false }
            if namesFields { connectionNamesFields = true }
        case .contentType: head.content = Self.content(value)
        default: break
        }
    }

    func finish(answersHead: Bool, into head: inout AnswerHead) {
        if answersHead || head.status < 200 || head.status == 204 || head.status == 304 {
            head.framing = .none
        } else if isChunked {
            head.framing = .chunked
        } else if let length {
            head.framing = .length(length)
        } else {
            head.framing = .untilClose
            head.keepsAlive = false
        }
    }

    private static func content(_ value: UnsafeRawBufferPointer) -> AnswerHead.Content {
        if value.beginsIgnoringCase(with: "application/json") { return .json }
        return value.beginsIgnoringCase(with: "text/event-stream") ? .eventStream : .other
    }
}

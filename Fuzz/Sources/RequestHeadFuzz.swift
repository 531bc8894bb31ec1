/// A head that is accepted is understood in one way only: its fields lie in it, in their order, and what goes to an engine
/// is a head that is accepted too.
enum RequestHeadFuzz {
    private static let limitBytes = 4096

    private enum End: Equatable {
        case refused, unfinished, at(Int)
    }

    static func run(_ bytes: UnsafeRawBufferPointer) {
        let end = find(bytes, scanned: 0)
        // Where it ends does not depend on how it came.
        let half = bytes.alone(0..<bytes.count / 2) { find($0, scanned: 0) }
        if half == .unfinished { precondition(find(bytes, scanned: bytes.count / 2) == end) }
        guard case .at(let length) = end else { return }
        bytes.alone(0..<length) { parse($0) }
    }

    private static func find(_ bytes: UnsafeRawBufferPointer, scanned: Int) -> End {
        do throws(HeadFault) {
            return try HeadEnd.find(bytes, scanned: scanned, limitBytes: limitBytes).map { .at($0) } ?? .unfinished
        } catch {
            return .refused
        }
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) {
        var fields: [FieldSpan] = []
        guard let head = try? RequestHeadParser.parse(bytes, length: bytes.count, into: &fields) else { return }
        precondition(head.length == bytes.count && head.target.upperBound < bytes.count)
        precondition(bytes[head.target.lowerBound] == UInt8(ascii: "/"))
        for value in [head.authorization, head.apiKey, head.requestID, head.contentType] {
            if let value { precondition(!bytes.part(value).contains { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) }
        }
        var end = 0
        for field in fields {
            precondition(end <= field.line.lowerBound && field.line.upperBound <= bytes.count - 2)
            precondition(bytes.part(field.line).filter { $0 == 0x0A }.count == 1, "a field is one line")
            end = field.line.upperBound
        }
        precondition(fields.filter { $0.kind == .contentLength || $0.kind == .transferEncoding }.count <= 1)
        checkTarget(bytes, head)
        checkForwarded(bytes, head, fields)
    }

    private static func checkTarget(_ bytes: UnsafeRawBufferPointer, _ head: RequestHead) {
        guard EndpointTarget.isBelowEndpoint(bytes, head.target),
            let target = try? EndpointTarget(bytes, head.target)
        else { return }
        let path = bytes.part(head.target.lowerBound..<target.query.lowerBound)
        precondition(!path.contains { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "\\") })
        for word: StaticString in ["/../", "/./", "//"] {
            precondition(path.firstRange(of: word, in: 0..<path.count) == nil)
        }
        precondition(target.rest.upperBound == target.query.lowerBound)
    }

    /// What an engine is sent of it.
    private static func checkForwarded(_ bytes: UnsafeRawBufferPointer, _ head: RequestHead, _ fields: [FieldSpan]) {
        // Two fields of ours come to those of the client.
        guard fields.count <= FieldLines.maxFields - 2 else { return }
        var out = Array("\(head.method == .other ? "GET" : "\(head.method.text)") ".utf8)
        out += bytes[head.target]
        out += Array(" HTTP/1.1\r\nhost: engine\r\ncontent-length: 0\r\n".utf8)
        for field in fields where field.kind == .endToEnd || field.kind == .contentType { out += bytes[field.line] }
        out += Array("\r\n".utf8)
        out.withUnsafeBytes { sent in
            var again: [FieldSpan] = []
            precondition((try? HeadEnd.find(sent, scanned: 0, limitBytes: 2 * limitBytes)) == sent.count)
            let second = try? RequestHeadParser.parse(sent, length: sent.count, into: &again)
            precondition(
                second?.framing == .length(0) && second?.authorization == nil, "it says what we wrote, no more")
        }
    }
}

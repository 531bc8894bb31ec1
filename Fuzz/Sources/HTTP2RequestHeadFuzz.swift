/// A header list of HTTP/2 becomes one head of HTTP/1.1 that says what the list said, or none.
///
/// The input's first byte says whether a body follows; then come the fields, the name up to 0xFF and the value up to
/// 0xFE: bytes that no text holds.
enum HTTP2RequestHeadFuzz {
    private typealias Field = (name: String, value: String)

    static func run(_ bytes: UnsafeRawBufferPointer) {
        guard let first = bytes.first else { return }
        let hasBody = first & 1 == 1
        let list = bytes.dropFirst().split(separator: 0xFE, omittingEmptySubsequences: true).map { field -> Field in
            let parts = field.split(separator: 0xFF, maxSplits: 1, omittingEmptySubsequences: false)
            return (String(decoding: parts[0], as: UTF8.self), String(decoding: parts.last ?? [], as: UTF8.self))
        }
        guard let head = try? HTTP2RequestHead(list, hasBody: hasBody) else {
            return precondition(isWrong(list), "what is right is not refused")
        }
        precondition(!isWrong(list), "what is wrong is refused")
        let text = Array(head.text.utf8)
        precondition(text.filter { $0 == 0x0D }.count == text.filter { $0 == 0x0A }.count && !text.contains(0))
        text.withUnsafeBytes { $0.alone(0..<$0.count) { readBack($0, list, head, hasBody: hasBody) } }
    }

    private static func readBack(
        _ bytes: UnsafeRawBufferPointer, _ list: [Field], _ head: HTTP2RequestHead, hasBody: Bool
    ) {
        let end = try? HeadEnd.find(bytes, scanned: 0, limitBytes: .max)
        precondition(end == bytes.count, "it is one head and nothing more")
        var fields: [FieldSpan] = []
        let read: RequestHead
        do throws(HeadFault) { read = try RequestHeadParser.parse(bytes, length: bytes.count, into: &fields) } catch {
            switch error {
            case .hostValue, .contentLength, .repeatedContentLength, .expectation, .repeatedCredential,
                .repeatedContentType, .tooManyFields:
                return
            default: preconditionFailure("the parser refuses what it says, not how it is written: \(error)")
            }
        }
        let lines = bytes.split(separator: 0x0A)
        precondition(
            lines[0].elementsEqual("\(last(":method", list)) \(last(":path", list)) HTTP/1.1\r".utf8),
            "the first line is what the list says")
        precondition(head.isHead == (last(":method", list) == "HEAD") && head.isHead == (read.method == .head))
        let saysLength = list.contains { $0.name == "content-length" }
        switch read.framing {
        case .chunked: precondition(head.addsChunks && hasBody && !saysLength)
        case .length: precondition(!head.addsChunks && saysLength)
        case .none: precondition(!head.addsChunks && !saysLength && !hasBody)
        }
        let found = fields.map { [UInt8](bytes.part($0.name)) + [0xFF] + bytes.part($0.value) }
        precondition(found == expected(list, head), "the fields are those of the list")
    }

    /// As the parser shall find them: without spaces around a value.
    private static func expected(_ list: [Field], _ head: HTTP2RequestHead) -> [[UInt8]] {
        var fields: [Field] = [("host", list.last { $0.name == ":authority" }?.value ?? last("host", list))]
        fields += list.filter { !$0.name.hasPrefix(":") && !["host", "te", "cookie"].contains($0.name) }
        let cookies = list.filter { $0.name == "cookie" }.map(\.value)
        if !cookies.isEmpty { fields.append(("cookie", cookies.joined(separator: "; "))) }
        if head.addsChunks { fields.append(("transfer-encoding", "chunked")) }
        return fields.map { field in
            let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
            let value = field.value.utf8.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
            return Array(field.name.utf8) + [0xFF] + value
        }
    }

    private static func last(_ name: String, _ list: [Field]) -> String { list.last { $0.name == name }?.value ?? "" }

    /// Whether a list has no form in HTTP/1.1, said in another way.
    private static func isWrong(_ list: [Field]) -> Bool {
        let marks = Array("!#$%&'*+-.^_`|~".utf8)
        let isToken: (UInt8) -> Bool = { byte in
            switch UnicodeScalar(byte) {
            case "0"..."9", "a"..."z", "A"..."Z": true
            default: marks.contains(byte)
            }
        }
        let (method, path) = (last(":method", list), last(":path", list))
        let hosts = list.filter { $0.name == "host" }.map(\.value)
        let authority = list.last { $0.name == ":authority" }?.value
        let hop = ["connection", "keep-alive", "proxy-connection", "upgrade", "transfer-encoding"]
        return list.contains {
            $0.value.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F } || hop.contains($0.name)
        }
            || list.contains { field in
                ![":method", ":path", ":authority", ":scheme"].contains(field.name)
                    && (field.name.isEmpty || !field.name.utf8.allSatisfy(isToken)
                        || field.name != field.name.lowercased())
            }
            || method.isEmpty || !method.utf8.allSatisfy(isToken)
            || !path.hasPrefix("/") || path.utf8.contains { $0 <= 0x20 || $0 >= 0x7F || $0 == UInt8(ascii: "#") }
            || hosts.count > 1 || (authority == nil && hosts.isEmpty)
            || (authority != nil && !hosts.isEmpty && authority != hosts[0])
    }
}

/// The head of an answer becomes a header list of HTTP/2 that is well-formed and says no more than the head did.
enum HTTP2AnswerHeadFuzz {
    static func run(_ bytes: UnsafeRawBufferPointer) {
        for answersHead in [false, true] {
            var fields: [FieldSpan] = []
            let parsed = try? AnswerHeadParser.parse(
                bytes, scanned: 0, limitBytes: 4096, answersHead: answersHead, into: &fields)
            guard let head = parsed else { continue }
            var list: [(name: String, value: String)] = []
            HTTP2AnswerHead.each(head, bytes, fields) { list.append(($0, $1)) }
            precondition(list[0] == (":status", "\(head.status)") && list[0].value.utf8.count == 3)
            check(list.dropFirst(), bytes.part(0..<head.length))
        }
    }

    private static func check(_ list: ArraySlice<(name: String, value: String)>, _ head: UnsafeRawBufferPointer) {
        // A reader of lines: what stands before the first colon of each, in lower case, and what stands behind it.
        let lines = String(decoding: head, as: UTF8.self).unicodeScalars.split(separator: "\n").map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(parts[0]).lowercased(), value: parts.count > 1 ? trimmed(parts[1]) : "")
        }
        var line = lines.dropFirst()
        let named = lines.filter { $0.name == "connection" }.flatMap { $0.value.lowercased().split(separator: ",") }
            .map { trimmed($0.unicodeScalars[...]) }
        for (name, value) in list {
            precondition(!name.isEmpty && name.utf8.allSatisfy { ByteClass.isToken($0) && !(0x41...0x5A).contains($0) })
            precondition(
                !value.utf8.contains { $0 == 0x0D || $0 == 0x0A || $0 == 0 }
                    && trimmed(value.unicodeScalars[...]) == value)
            for hop in [
                "connection", "transfer-encoding", "keep-alive", "upgrade", "te", "trailer", "proxy-connection",
            ] {
                precondition(name != hop, "it speaks of one hop")
            }
            precondition(["content-length", "content-type", "x-request-id"].contains(name) || !named.contains(name))
            guard let at = line.firstIndex(where: { $0 == (name, value) }) else {
                preconditionFailure("each field is one of the head's, in their order")
            }
            line = line[(at + 1)...]
        }
    }

    private static func trimmed(_ text: Substring.UnicodeScalarView) -> String {
        let isSpace: (UnicodeScalar) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
        return String(String.UnicodeScalarView(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed()))
    }
}

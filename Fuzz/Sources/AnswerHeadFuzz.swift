/// The head of an answer is framed in one way or refused.
enum AnswerHeadFuzz {
    static func run(_ bytes: UnsafeRawBufferPointer) {
        for answersHead in [false, true] {
            var fields: [FieldSpan] = []
            let head = try? AnswerHeadParser.parse(
                bytes, scanned: 0, limitBytes: 4096, answersHead: answersHead, into: &fields)
            guard let head else { continue }
            precondition((100..<600).contains(head.status) && head.length <= bytes.count)
            precondition(head.statusText.upperBound < head.length)
            precondition(!bytes.part(head.statusText).contains { $0 == 0x0D || $0 == 0x0A || $0 == 0 })
            if answersHead { precondition(head.framing == .none) }
            if head.framing == .untilClose { precondition(!head.keepsAlive) }
            let framings = fields.filter { $0.kind == .contentLength || $0.kind == .transferEncoding }
            precondition(framings.count <= 1)
            for field in fields { precondition(field.line.upperBound <= head.length - 2) }
        }
    }
}

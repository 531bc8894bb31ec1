import Testing

@testable import Gateway

@Suite("answer head")
struct AnswerHeadParserTests {
    @Test(
        "the framing of an answer is known from its head",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", AnswerFraming.length(5), true),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nConnection: close\r\n\r\n", .chunked, false),
            ("HTTP/1.1 200\r\n\r\n", .untilClose, false),
            ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", .length(5), false),
            ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n", .length(5), true),
            ("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", .none, true),
            ("HTTP/1.1 100 Continue\r\n\r\n", .none, true),
        ])
    func framing(_ text: String, _ framing: AnswerFraming, _ keepsAlive: Bool) throws {
        let head = try #require(try parse(text))
        #expect(head.framing == framing)
        #expect(head.keepsAlive == keepsAlive)
    }

    @Test(
        "an answer that frames itself in two ways, or is none, is refused",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n",
            "HTTP/1.1 20 OK\r\n\r\n", "HTTP/2 200\r\n\r\n", "garbage\r\n\r\n", "HTTP/1.1 200 OK\nA: b\n\n",
            "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HTTP/1.1 999 OK\r\n\r\n",
        ])
    func refuses(_ text: String) { #expect(throws: HeadFault.self) { try parse(text) } }

    @Test("the kind of the content decides how an answer is relayed")
    func content() throws {
        #expect(
            try parse("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n")?.content
                == .eventStream)
        #expect(try parse("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")?.content == .json)
        #expect(try parse("HTTP/1.1 200 OK\r\ncontent-type: audio/wav\r\n\r\n")?.content == .other)
    }

    private func parse(_ text: String) throws -> AnswerHead? {
        var fields: [FieldSpan] = []
        return try Array(text.utf8).withUnsafeBytes {
            try AnswerHeadParser.parse($0, scanned: 0, limitBytes: 64 << 10, answersHead: false, into: &fields)
        }
    }
}

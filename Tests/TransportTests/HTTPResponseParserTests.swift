import Testing

@testable import Transport

@Suite("the answer parser")
struct HTTPResponseParserTests {
    typealias Event = HTTPResponseParser.Event

    struct Sample: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var method = "GET"
        var text: String
        var status: Int
        var body: String
        var reusable: Bool
        var endsByClose = false
    }

    static let samples = [
        Sample(
            testDescription: "content length", text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", status: 200,
            body: "hello", reusable: true),
        Sample(
            testDescription: "bare line feeds", text: "HTTP/1.1 200 OK\ncontent-length: 2\n\nhi", status: 200,
            body: "hi", reusable: true),
        Sample(
            testDescription: "empty body", text: "HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", status: 200, body: "",
            reusable: true),
        Sample(
            testDescription: "chunked, with an extension and trailers",
            text:
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n, world!!!\r\n0\r\nx-sum: 1\r\n\r\n",
            status: 200, body: "hello, world!!!", reusable: true),
        Sample(
            testDescription: "until close", text: "HTTP/1.1 200 OK\r\n\r\nall of it", status: 200, body: "all of it",
            reusable: false, endsByClose: true),
        Sample(
            testDescription: "early hints first",
            text:
                "HTTP/1.1 103 Early\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 1\r\n\r\nx",
            status: 201, body: "x", reusable: true),
        Sample(
            testDescription: "HEAD", method: "HEAD", text: "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n",
            status: 200, body: "", reusable: true),
        Sample(testDescription: "204", text: "HTTP/1.1 204 No Content\r\n\r\n", status: 204, body: "", reusable: true),
        Sample(
            testDescription: "304", text: "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", status: 304,
            body: "", reusable: true),
        Sample(
            testDescription: "connection: close",
            text: "HTTP/1.1 200 OK\r\nConnection: Close\r\ncontent-length: 1\r\n\r\nx", status: 200, body: "x",
            reusable: false),
        Sample(
            testDescription: "HTTP/1.0", text: "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx", status: 200, body: "x",
            reusable: false),
        Sample(
            testDescription: "HTTP/1.0 kept",
            text: "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\nx", status: 200, body: "x",
            reusable: true),
        Sample(
            testDescription: "two framings at once",
            text: "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
            status: 200, body: "x", reusable: false),
        Sample(
            testDescription: "one length twice",
            text: "HTTP/1.1 200 OK\r\ncontent-length: 1, 1\r\ncontent-length: 1\r\n\r\nx", status: 200, body: "x",
            reusable: true),
    ]

    @Test("reads the same from one piece and from pieces of every size", arguments: samples)
    func pieces(_ sample: Sample) throws {
        let bytes = Array(sample.text.utf8)
        for size in 1...bytes.count {
            var parser = HTTPResponseParser(method: sample.method)
            var events: [Event] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                events += try parser.read(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            if sample.endsByClose { events += try parser.finish() }
            #expect(parser.isEnded)
            guard case .head(let head)? = events.first else { return #expect(Bool(false), "no head") }
            #expect(head.status == sample.status)
            let body = events.flatMap { event -> [UInt8] in if case .body(let bytes) = event { bytes } else { [] } }
            #expect(String(decoding: body, as: UTF8.self) == sample.body)
            #expect(events.last == .end(reusable: sample.reusable))
        }
    }

    @Test(
        "refuses what is not HTTP/1.1",
        arguments: [
            "HTTP/2 200 OK\r\n\r\n", "<html>not http at all</html>\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
            "HTTP/1.1 099 X\r\n\r\n",
            "HTTP/1.1 200 OK\r\n folded: x\r\n\r\n", "HTTP/1.1 200 OK\r\nname : x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\na: b\u{0}c\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nxx\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n",
        ])
    func malformed(_ text: String) {
        var parser = HTTPResponseParser(method: "GET")
        #expect { try parser.read(Array(text.utf8)) } throws: { error in
            if case TransportError.malformed = error { true } else { false }
        }
    }

    @Test("limits the head in bytes and in fields")
    func limits() {
        var long = HTTPResponseParser(method: "GET")
        let line = "HTTP/1.1 200 OK\r\nx: " + String(repeating: "y", count: HTTPResponseParser.maxHeadBytes)
        #expect(throws: TransportError.tooLarge(limitBytes: HTTPResponseParser.maxHeadBytes)) {
            try long.read(Array(line.utf8))
        }
        var many = HTTPResponseParser(method: "GET")
        let fields = (0...HTTPResponseParser.maxFields).map { "x-\($0): 1\r\n" }.joined()
        #expect(throws: TransportError.malformed("the answer has more than 200 header fields")) {
            try many.read(Array(("HTTP/1.1 200 OK\r\n" + fields).utf8))
        }
    }

    @Test(
        "an end in the middle is a reset",
        arguments: [
            "", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\ncontent-le", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
        ])
    func cut(_ text: String) throws {
        var parser = HTTPResponseParser(method: "GET")
        _ = try parser.read(Array(text.utf8))
        #expect { try parser.finish() } throws: { error in
            if case TransportError.reset(_, mayHaveBegun: true) = error { true } else { false }
        }
    }

    @Test("bytes after the answer forbid keeping the connection")
    func surplus() throws {
        var parser = HTTPResponseParser(method: "GET")
        let events = try parser.read(Array("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxHTTP".utf8))
        #expect(events.last == .end(reusable: false))
    }
}

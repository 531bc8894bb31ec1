import Testing

@testable import Gateway

@Suite("request head")
struct RequestHeadParserTests {
    @Test("what a request says is read without copying it")
    func readsARequest() throws {
        let text =
            "POST /endpoint/acme/chat/v1/chat/completions?x=1 HTTP/1.1\r\nHost: localhost:8080\r\n"
            + "authorization: Bearer abc\r\nContent-Length: 12\r\nX-Request-ID:  r-1 \r\nTraceparent: 00-1\r\n\r\n"
        let head = try #require(try parse(text))
        #expect(head.method == .post)
        #expect(part(text, head.target) == "/endpoint/acme/chat/v1/chat/completions?x=1")
        #expect(head.framing == .length(12))
        #expect(head.keepsAlive)
        #expect(part(text, try #require(head.authorization)) == "Bearer abc")
        #expect(part(text, try #require(head.requestID)) == "r-1")
        #expect(head.length == text.utf8.count)
    }

    @Test(
        "what two readers could understand in two ways is refused",
        arguments: [
            ("GET / HTTP/1.1\nHost: x\n\n", HeadFault.bareLineFeed),
            ("GET / HTTP/1.1\r\nHost: x\n\r\n", .bareLineFeed),
            ("GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", .fieldValue),
            ("GET / HTTP/1.1\r\nHost: x\r\nA: b\u{0}\r\n\r\n", .fieldValue),
            ("GET / HTTP/1.1\r\nHost: x\r\nA: b\u{7F}\r\n\r\n", .fieldValue),
            ("GET / HTTP/1.1\r\nHost: x\r\nA: 12345678\u{1}\r\n\r\n", .fieldValue),
            ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", .fieldName),
            ("GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n", .fieldName),
            ("GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", .fieldName),
            ("GET / HTTP/1.1\r\nHost: x\r\nA\u{e9}: y\r\n\r\n", .fieldName),
            ("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", .foldedField),
            ("GET / HTTP/1.1\r\n Host: x\r\n\r\n", .foldedField),
            ("GET / HTTP/1.1\r\n\r\n", .missingHost),
            ("GET / HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n", .repeatedHost),
            ("GET / HTTP/1.1\r\nHost:\r\n\r\n", .hostValue),
            ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", .hostValue),
            ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .hostValue),
            ("GET / HTTP/1.1\r\nHost: u@b\r\n\r\n", .hostValue),
            ("GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", .absoluteForm),
            ("CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", .absoluteForm),
            ("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", .target),
            ("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", .requestLine),
            ("GET /a\u{e9} HTTP/1.1\r\nHost: x\r\n\r\n", .target),
            ("GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n", .target),
            ("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", .requestLine),
            ("GET /\tHTTP/1.1\r\nHost: x\r\n\r\n", .target),
            ("G(T / HTTP/1.1\r\nHost: x\r\n\r\n", .requestLine),
            ("GET / HTTP/1.0\r\nHost: x\r\n\r\n", .http10),
            ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", .version),
            ("GET / http/1.1\r\nHost: x\r\n\r\n", .requestLine),
            ("GET /\r\nHost: x\r\n\r\n", .requestLine),
            ("\r\n\r\n", .requestLine),
            ("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", .requestLine),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", .repeatedContentLength),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\ncontent-length: 2\r\n\r\n", .repeatedContentLength),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\n", .contentLength),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n", .contentLength),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", .contentLength),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\n", .contentLength),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n", .contentLength),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", .contentLength),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                .lengthBesideEncoding
            ),
            ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", .transferEncoding),
            ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .transferEncoding),
            ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n", .transferEncoding),
            ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \u{0B}chunked\r\n\r\n", .fieldValue),
            ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n", .transferEncoding),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                .transferEncoding
            ),
            ("POST / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n\r\n", .expectation),
            ("GET / HTTP/1.1\r\nHost: x\r\nContent-Type: a\r\ncontent-type: a\r\n\r\n", .repeatedContentType),
            (
                "GET / HTTP/1.1\r\nHost: x\r\nConnection: a,b,c\r\nConnection: "
                    + "\(String(repeating: ",a", count: 30))\r\n\r\n", .tooManyOptions
            ),
            ("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n", .repeatedCredential),
        ])
    func refuses(_ text: String, _ fault: HeadFault) {
        #expect(throws: fault) { try parse(text) }
    }

    @Test("a head is found whole at whatever byte it is split, and never before")
    func everySplit() throws {
        let text = "\r\nPOST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
        let whole = text.utf8.count - 3
        for count in 0...text.utf8.count {
            let bytes = Array(text.utf8.prefix(count))
            for scanned in [0, max(0, count - 1)] {
                let found = try bytes.withUnsafeBytes { try HeadEnd.find($0, scanned: scanned, limitBytes: 1000) }
                if count < whole { #expect(found == nil) } else if scanned < whole { #expect(found == whole) }
            }
        }
    }

    @Test("a head over the limit is refused, whole or not")
    func limit() throws {
        let text = "GET / HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 100))\r\n\r\n"
        #expect(throws: HeadFault.tooLarge(limitBytes: 80)) { try parse(text, limit: 80) }
        #expect(throws: HeadFault.tooLarge(limitBytes: 80)) { try parse(String(text.prefix(90)), limit: 80) }
        let many = "GET / HTTP/1.1\r\nHost: x\r\n" + String(repeating: "A: b\r\n", count: 300) + "\r\n"
        #expect(throws: HeadFault.tooManyFields) { try parse(many) }
    }

    @Test("hop-by-hop fields, credentials and what proxies add stay here; the rest passes as it was written")
    func fieldsForEngines() throws {
        let text =
            "POST /x HTTP/1.1\r\nHost: x\r\nX-A:  1\r\nX-B: 2\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 1\r\n"
            + "TE: trailers\r\nTrailer: X\r\nUpgrade: h2c\r\nProxy-Authorization: a\r\nX-Forwarded-For: 1\r\n"
            + "x-forwarded-proto: http\r\nForwarded: for=1\r\nX-Real-IP: 1\r\nAuthorization: a\r\nX-Api-Key: b\r\n"
            + "Accept-Encoding: gzip\r\nX-Request-Id: q\r\nContent-Type: application/json\r\ntraceparent: 00-1\r\n\r\n"
        var fields: [FieldSpan] = []
        let head = try #require(try parse(text, into: &fields))
        #expect(!head.keepsAlive)
        let passed = fields.filter { $0.kind.goesUpstream }.map { part(text, $0.line) }
        #expect(passed == ["X-A:  1\r\n", "X-B: 2\r\n", "Content-Type: application/json\r\n", "traceparent: 00-1\r\n"])
    }

    private func parse(_ text: String, limit: Int = 64 << 10) throws -> RequestHead? {
        var fields: [FieldSpan] = []
        return try parse(text, limit: limit, into: &fields)
    }

    private func parse(_ text: String, limit: Int = 64 << 10, into fields: inout [FieldSpan]) throws -> RequestHead? {
        // Not as UTF-8: é is one byte on the wire here.
        let bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        return try bytes.withUnsafeBytes { bytes in
            guard let length = try HeadEnd.find(bytes, scanned: 0, limitBytes: limit) else { return nil }
            return try RequestHeadParser.parse(bytes, length: length, into: &fields)
        }
    }

    private func part(_ text: String, _ range: Range<Int>) -> String {
        String(decoding: Array(text.utf8)[range], as: UTF8.self)
    }
}

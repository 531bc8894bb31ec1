import NIOCore
import NIOHPACK
import Testing

@testable import Gateway

@Suite("HTTP/2 request heads")
struct HTTP2RequestHeadTests {
    private static let plain: [(String, String)] = [
        (":method", "POST"), (":scheme", "https"), (":path", "/endpoint/a/b/v1/models?x=y"), (":authority", "h:443"),
    ]

    private func text(
        _ more: [(String, String)] = [], of list: [(String, String)] = plain, hasBody: Bool = false
    ) throws(HeadFault) -> String {
        var out = ByteBuffer()
        _ = try HTTP2RequestHead(HPACKHeaders(list + more), hasBody: hasBody, into: &out)
        return String(buffer: out)
    }

    @Test("a list becomes a head that the one parser accepts, with the same meaning")
    func accepted() throws {
        let text = try text([("x-a", "b"), ("content-length", "3"), ("te", "trailers")], hasBody: true)
        #expect(
            text == "POST /endpoint/a/b/v1/models?x=y HTTP/1.1\r\nhost: h:443\r\nx-a: b\r\ncontent-length: 3\r\n\r\n")
        var fields: [FieldSpan] = []
        let head = try Array(text.utf8).withUnsafeBytes {
            try RequestHeadParser.parse($0, length: $0.count, into: &fields)
        }
        #expect(head.method == .post && head.framing == .length(3))
    }

    @Test("a body of unknown length is put into chunks, and no body into none")
    func framing() throws {
        #expect(try text(hasBody: true).hasSuffix("transfer-encoding: chunked\r\n\r\n"))
        #expect(try !text(hasBody: false).contains("transfer-encoding"))
    }

    @Test("cookies that came in pieces leave as one")
    func cookies() throws {
        #expect(try text([("cookie", "a=b"), ("x", "y"), ("cookie", "c=d")]).contains("\r\ncookie: a=b; c=d\r\n"))
    }

    @Test("the authority may come as host, but not as two different ones")
    func host() throws {
        let bare = Array(Self.plain.dropLast())
        #expect(try text([("host", "h")], of: bare).contains("\r\nhost: h\r\n"))
        #expect(try text([("host", "h:443")]).contains("\r\nhost: h:443\r\n"))
        #expect(throws: HeadFault.repeatedHost) { try text([("host", "other")]) }
        #expect(throws: HeadFault.missingHost) { try text(of: bare) }
    }

    @Test(
        "what would stand for more in HTTP/1.1 is refused",
        arguments: [
            ("x", "y\r\nz: a", HeadFault.fieldValue), ("x", "y\nz", .fieldValue), ("x", "y\0", .fieldValue),
            ("x y", "z", .fieldName), ("x\r\ny", "z", .fieldName), ("", "z", .fieldName), ("X", "z", .fieldName),
            ("transfer-encoding", "chunked", .transferEncoding), ("connection", "close", .hopField),
            ("keep-alive", "1", .hopField), ("upgrade", "x", .hopField), ("proxy-connection", "x", .hopField),
        ])
    func refused(_ name: String, _ value: String, _ fault: HeadFault) {
        #expect(throws: fault) { try text([(name, value)]) }
    }

    @Test(
        "a target or a method that could end its line is refused",
        arguments: [
            (":path", "/a HTTP/1.1\r\nx: y"), (":path", "/a b"), (":path", ""), (":path", "https://h/a"),
            (":path", "*"),
            (":path", "/a#b"), (":method", "GET /x HTTP/1.1\r\ny: z"), (":method", ""), (":method", "G T"),
        ])
    func firstLine(_ name: String, _ value: String) {
        let list = Self.plain.map { $0.0 == name ? (name, value) : $0 }
        #expect(throws: HeadFault.self) { try text(of: list) }
    }
}

import Testing

@testable import Transport

@Suite("base URLs and requests")
struct RequestTests {
    @Test(
        "a base URL has one spelling",
        arguments: [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("HTTP://Example.ORG:80/", "http://example.org"),
            ("https://example.org:443/a/b//", "https://example.org/a/b"),
            ("http://[::1]:8080/x", "http://[::1]:8080/x"),
            ("http://worker_1.local", "http://worker_1.local"),
        ])
    func spelling(_ text: String, _ expected: String) {
        #expect(BaseURL(text)?.text == expected)
    }

    @Test(
        "what is no base URL is refused",
        arguments: [
            "", "127.0.0.1:8080", "ftp://a", "http://", "http:///x", "http://user@host", "http://user:pass@host:80",
            "http://a b",
            "http://a:0", "http://a:65536", "http://a:x", "http://a:", "http://a/?q=1", "http://a/#f", "http://[::1",
            "http://a/\r\nx",
            "http://[example]",
        ])
    func refused(_ text: String) { #expect(BaseURL(text) == nil) }

    @Test("a request is written with its host and length")
    func written() throws {
        let base = try #require(BaseURL("http://example.org:8080/base"))
        let request = HTTPRequest(
            "POST", base, "/x?y=%20", headers: [HTTPField("accept", "*/*")], body: Array("hi".utf8))
        #expect(
            String(decoding: try request.bytes(), as: UTF8.self)
                == "POST /base/x?y=%20 HTTP/1.1\r\nhost: example.org:8080\r\naccept: */*\r\ncontent-length: 2\r\n\r\nhi"
        )
        let get = HTTPRequest("GET", base, "/")
        #expect(
            String(decoding: try get.bytes(), as: UTF8.self) == "GET /base/ HTTP/1.1\r\nhost: example.org:8080\r\n\r\n")
    }

    @Test(
        "what could break out of its line is refused",
        arguments: [
            ("GET", "/x", "a", "b\r\nc: d"), ("GET", "/x", "a", "b\nc"), ("GET", "/x", "a", "\u{0}"),
            ("GET", "/x", "a b", "c"),
            ("GET", "/x", "", "c"), ("GET", "/x", "a:", "c"), ("GET /y HTTP/1.1\r\nz:", "/x", "a", "b"),
            ("GET", "/x y", "a", "b"),
            ("GET", "x", "a", "b"), ("GET", "/x\r\n", "a", "b"), ("GET", "/ü", "a", "b"),
            ("GET", "/x", "Content-Length", "5"),
            ("GET", "/x", "transfer-encoding", "chunked"),
        ])
    func injection(_ method: String, _ path: String, _ name: String, _ value: String) throws {
        let base = try #require(BaseURL("http://a"))
        let request = HTTPRequest(method, base, path, headers: [HTTPField(name, value)])
        #expect { try request.bytes() } throws: { error in
            if case TransportError.unsendable = error { true } else { false }
        }
    }

    @Test(
        "a URL is shown without user, password and query",
        arguments: [
            ("https://alice:hunter2@host/x", "https://…@host/x"), ("alice:p@ss@host", "…@host"),
            ("http://host/x?key=hunter2", "http://host/x?…"), ("https://a:b@host/?x#y", "https://…@host/?…"),
            ("ftp://host/x", "ftp://host/x"),
        ])
    func shown(_ text: String, _ shown: String) { #expect(BaseURL.hidingSecrets(in: text) == shown) }

    @Test("fields are found whatever the case of their name")
    func fieldCase() {
        let head = HTTPHead(status: 200, headers: [HTTPField("Retry-After", "1"), HTTPField("retry-after", "2")])
        #expect(head["RETRY-AFTER"] == "1")
        #expect(head["retry"] == nil)
    }
}

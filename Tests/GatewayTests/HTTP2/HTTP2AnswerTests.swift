import NIOCore
import NIOHPACK
import NIOHTTP2
import Testing

@testable import Gateway

@Suite("HTTP/2 answers")
struct HTTP2AnswerTests {
    /// What a client would see of some frames.
    private struct Seen: Equatable {
        var statuses: [String] = []
        var fields: [String] = []
        var body = ""
        var ended = 0

        mutating func take(_ frames: [HTTP2Frame.FramePayload]) {
            for frame in frames {
                #expect(ended == 0, "nothing follows the end")
                switch frame {
                case .headers(let headers):
                    statuses += headers.headers[":status"]
                    fields = headers.headers.map(\.name)
                    ended += headers.endStream ? 1 : 0
                case .data(let data):
                    if case .byteBuffer(let bytes) = data.data { body += String(buffer: bytes) }
                    ended += data.endStream ? 1 : 0
                default: Issue.record("a frame of another kind")
                }
            }
        }
    }

    private func seen(_ text: String, pieces size: Int, toHead: Bool = false) throws -> Seen {
        var answer = HTTP2Answer()
        answer.answersHead = toHead
        var seen = Seen()
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            seen.take(try answer.take(ByteBuffer(bytes: rest.prefix(size))))
            rest = rest.dropFirst(size)
        }
        seen.take(answer.close())
        #expect(answer.hasEnded == (seen.ended == 1))
        return seen
    }

    @Test("the body comes out of its framing, in whatever pieces it is written", arguments: [1, 2, 3, 7, 1000])
    func body(_ size: Int) throws {
        for (framing, body) in [
            ("content-length: 5\r\n\r\n", "hello"),
            ("transfer-encoding: chunked\r\n\r\n", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
            ("\r\n", "hello"),
        ] {
            let seen = try seen(
                "HTTP/1.1 200 OK\r\nX-A: b\r\nconnection: close\r\nkeep-alive: 5\r\nx-request-id: req_1\r\n" + framing
                    + body,
                pieces: size)
            #expect(seen.statuses == ["200"] && seen.body == "hello" && seen.ended == 1)
            #expect(seen.fields.filter { $0 != "content-length" } == [":status", "x-a", "x-request-id"])
        }
    }

    @Test("an interim answer goes ahead of the last one")
    func interim() throws {
        let seen = try seen(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", pieces: 1000)
        #expect(seen.statuses == ["100", "200"] && seen.body == "{}" && seen.ended == 1)
    }

    @Test("an answer without a body ends with its head")
    func noBody() throws {
        for text in ["HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"] {
            #expect(try seen(text, pieces: 1000).ended == 1)
        }
        let toHead = try seen("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n", pieces: 1000, toHead: true)
        #expect(toHead.ended == 1 && toHead.fields.contains("content-length"))
    }

    @Test("an answer that breaks off has not ended, and one that is none is broken")
    func broken() throws {
        #expect(try seen("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe", pieces: 1000).ended == 0)
        for text in ["garbage\r\n\r\n", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"] {
            #expect(throws: HTTP2Answer.Broken.self) { try seen(text, pieces: 1000) }
        }
    }
}

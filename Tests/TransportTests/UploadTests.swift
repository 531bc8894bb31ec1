import LoopbackServer
import Synchronization
import Testing

@testable import Transport

@Suite("a body that is read as it is sent", .timeLimit(.minutes(5)))
struct UploadTests {
    private struct Unreadable: Error {}

    private let client = HTTPClient()

    /// So many pieces of a kilobyte; after `failing` of them reading fails.
    private func upload(pieces: Int, failing: Int = .max) -> HTTPUpload {
        let given = Mutex(0)
        return HTTPUpload(lengthBytes: pieces * 1024) {
            try given.withLock { given in
                guard given < failing else { throw Unreadable() }
                guard given < pieces else { return nil }
                given += 1
                return [UInt8](repeating: UInt8(ascii: "a") + UInt8(given % 26), count: 1024)
            }
        }
    }

    private func send(_ upload: HTTPUpload, to server: LoopbackServer) async throws -> HTTPAnswer {
        let base = try #require(BaseURL("http://127.0.0.1:\(server.port)"))
        return try await client.send(HTTPRequest("POST", base, "/up"), upload: upload, timeouts: HTTPTimeouts())
    }

    @Test("arrives whole, with its length", arguments: [0, 1, 3, 2000])
    func whole(_ pieces: Int) async throws {
        let server = try await LoopbackServer { request, reply in reply.answer(200, [], "\(request.body.count)") }
        let answer = try await send(upload(pieces: pieces), to: server)
        #expect(String(decoding: answer.body, as: UTF8.self) == "\(pieces * 1024)")
        let request = try #require(server.record.requests.first)
        #expect(request["content-length"] == "\(pieces * 1024)")
        for (index, byte) in request.body.enumerated() where byte != UInt8(ascii: "a") + UInt8((index / 1024 + 1) % 26)
        {
            Issue.record("byte \(index) is another")
            break
        }
    }

    @Test("that cannot be read ends the request")
    func unreadable() async throws {
        let server = try await LoopbackServer { _, reply in reply.answer(200, [], "ok") }
        await #expect(throws: TransportError.self) { try await send(upload(pieces: 10, failing: 4), to: server) }
        #expect(server.record.requests.isEmpty)
    }

    @Test("leaves a connection that serves the next request")
    func next() async throws {
        let server = try await LoopbackServer { _, reply in reply.answer(200, [], "ok") }
        for _ in 0..<3 { #expect(try await send(upload(pieces: 5), to: server).head.status == 200) }
        #expect(server.record.requests.count == 3)
    }
}

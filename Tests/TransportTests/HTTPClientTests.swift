import LoopbackServer
import NIOCore
import Synchronization
import Testing

@testable import Transport

@Suite("the client on loopback", .timeLimit(.minutes(5)))
struct HTTPClientTests {
    let client = HTTPClient()

    func base(_ server: LoopbackServer) throws -> BaseURL {
        try #require(BaseURL("http://127.0.0.1:\(server.port)"))
    }

    func request(
        _ method: String = "GET", _ server: LoopbackServer, _ path: String = "/", _ body: String? = nil
    ) throws -> HTTPRequest {
        HTTPRequest(method, try base(server), path, body: body.map { Array($0.utf8) })
    }

    @Test("sends a body and reads the answer")
    func roundTrip() async throws {
        let server = try await LoopbackServer { request, reply in reply.answer(201, ["x-a: b"], request.bodyText + "!")
        }
        let answer = try await client.send(request("POST", server, "/p?q=1", "hello"))
        #expect(answer.head.status == 201)
        #expect(answer.head["X-A"] == "b")
        #expect(String(decoding: answer.body, as: UTF8.self) == "hello!")
        #expect(server.record.requests.map(\.target) == ["/p?q=1"])
        #expect(server.record.requests[0]["host"] == "127.0.0.1:\(server.port)")
    }

    @Test("carries a large body both ways")
    func large() async throws {
        let server = try await LoopbackServer { request, reply in reply.answer(200, [], request.bodyText) }
        let body = String(repeating: "0123456789abcdef", count: 1 << 16)
        let answer = try await client.send(request("POST", server, "/", body))
        #expect(answer.body.count == body.utf8.count)
    }

    @Test("keeps a connection for the next request")
    func reuse() async throws {
        let server = try await LoopbackServer { _, reply in reply.answer(200, [], "ok") }
        for _ in 0..<20 { _ = try await client.send(request("POST", server)) }
        #expect(server.record.accepted == 1)
    }

    @Test("many tasks at once each get their own answer")
    func concurrent() async throws {
        let server = try await LoopbackServer { request, reply in reply.answer(200, [], request.target) }
        let right = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let answer = try await client.send(request("GET", server, "/\(number)"))
                    return String(decoding: answer.body, as: UTF8.self) == "/\(number)"
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(right == 300)
    }

    @Test("a connection that the server closed while idle never shows as an error")
    func stale() async throws {
        let server = try await LoopbackServer { request, reply in
            reply.answer(200, [], "ok")
            if request.target == "/last" { reply.close() }
        }
        for round in 1...50 {
            _ = try await client.send(request("POST", server, "/last"))
            await server.until { $0.open == 0 }
            _ = try await client.send(request("POST", server, "/next"))
            #expect(server.record.requests.count == round * 2)
        }
    }

    @Test("a connection is not used for longer than the server says it keeps it")
    func keepAlive() async throws {
        let server = try await LoopbackServer { _, reply in reply.answer(200, ["keep-alive: timeout=0"], "ok") }
        for _ in 0..<3 { _ = try await client.send(request("GET", server)) }
        #expect(server.record.accepted == 3)
    }

    @Test("a kept connection that dies under a request is replayed only where that is harmless")
    func dying() async throws {
        let server = try await LoopbackServer { request, reply in
            if request.target == "/die", request.connection == 0 { reply.close() } else { reply.answer(200, [], "ok") }
        }
        _ = try await client.send(request("GET", server))
        _ = try await client.send(request("GET", server, "/die"))
        #expect(server.record.requests.map(\.connection) == [0, 0, 1])

        let other = try await LoopbackServer { request, reply in
            if request.target == "/die" { reply.close() } else { reply.answer(200, [], "ok") }
        }
        _ = try await client.send(request("GET", other))
        await #expect { _ = try await client.send(request("POST", other, "/die")) } throws: { error in
            if case TransportError.reset(_, mayHaveBegun: true) = error { true } else { false }
        }
        #expect(other.record.requests.count == 2)
    }

    @Test("nobody there is a connect error: nothing was sent")
    func refused() async throws {
        let server = try await LoopbackServer { _, _ in }
        let request = try request("POST", server)
        await server.stop()
        await #expect { try await client.send(request) } throws: { error in
            guard case TransportError.connect(let text) = error else { return false }
            return text.contains("127.0.0.1:\(server.port)") && (error as? TransportError)?.mayHaveBegun == false
        }
    }

    @Test("an unknown host is a connect error")
    func unknownHost() async throws {
        let base = try #require(BaseURL("http://no-such-host.invalid"))
        await #expect { try await client.send(HTTPRequest("GET", base, "/")) } throws: { error in
            if case TransportError.connect = error { true } else { false }
        }
    }

    @Test("an answer cut short is a reset")
    func cut() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").whenComplete { _ in reply.close() }
        }
        await #expect(
            throws: TransportError.reset("the connection ended in the middle of the answer", mayHaveBegun: true)
        ) {
            try await client.send(request("POST", server))
        }
    }

    @Test("an answer that is not HTTP is malformed")
    func notHTTP() async throws {
        let server = try await LoopbackServer { _, reply in reply.send("SSH-2.0-OpenSSH_9.2\r\n") }
        await #expect { try await client.send(request("GET", server)) } throws: { error in
            if case TransportError.malformed = error { true } else { false }
        }
        await server.until { $0.open == 0 }
    }

    @Test("the total deadline passes, and the connection is closed")
    func total() async throws {
        let server = try await LoopbackServer { request, reply in
            if request.target == "/warm" { reply.answer() }
        }
        _ = try await client.send(request("GET", server, "/warm"))
        await #expect {
            try await client.send(request("POST", server), timeouts: HTTPTimeouts(total: .milliseconds(300)))
        } throws: {
            if case TransportError.timeout(_, mayHaveBegun: true) = $0 { true } else { false }
        }
        await server.until { $0.accepted == 1 && $0.open == 0 }
    }

    @Test("silence in the middle of a body is a timeout")
    func idle() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.openEvents()
            reply.chunk("one")
        }
        let stream = try await client.open(request("GET", server), timeouts: HTTPTimeouts(idle: .milliseconds(80)))
        #expect(try await stream.next() == Array("one".utf8))
        await #expect { _ = try await stream.next() } throws: {
            if case TransportError.timeout(_, mayHaveBegun: true) = $0 { true } else { false }
        }
        await server.until { $0.open == 0 }
    }

    @Test("more than the caller allows is refused, announced or not")
    func tooLarge() async throws {
        let server = try await LoopbackServer { request, reply in
            if request.target == "/announced" { return reply.answer(200, [], String(repeating: "x", count: 100)) }
            reply.openEvents()
            for _ in 0..<10 { reply.chunk("0123456789") }
            reply.endChunks()
        }
        for path in ["/announced", "/chunked"] {
            await #expect(throws: TransportError.tooLarge(limitBytes: 99)) {
                try await client.send(request("GET", server, path), maxBytes: 99)
            }
        }
        #expect(try await client.send(request("GET", server, "/chunked"), maxBytes: 100).body.count == 100)
    }

    @Test("the child of a fork opens its own connections")
    func fork() async throws {
        let shared = Shared(1)
        let pool = ConnectionPool(processID: { shared.value })
        let client = HTTPClient(pool: pool)
        let server = try await LoopbackServer { _, reply in reply.answer(200, [], "ok") }
        for _ in 0..<2 { _ = try await client.send(request("GET", server)) }
        #expect(server.record.accepted == 1)
        shared.value = 2
        for _ in 0..<2 { _ = try await client.send(request("GET", server)) }
        #expect(server.record.accepted == 2)
        #expect(pool.idleCount == 1)
    }

    @Test("after shutdown everything is closed and refused")
    func shutdown() async throws {
        let server = try await LoopbackServer { _, reply in reply.answer(200, [], "ok") }
        _ = try await client.send(request("GET", server))
        await client.shutdown()
        await server.until { $0.open == 0 }
        await #expect(throws: TransportError.connect("the client has been shut down")) {
            try await client.send(request("GET", server))
        }
    }

    @Test("a client that is dropped closes its connections")
    func dropped() async throws {
        let server = try await LoopbackServer { _, reply in reply.answer(200, [], "ok") }
        do {
            let client = HTTPClient()
            _ = try await client.send(request("GET", server))
        }
        await server.until { $0.accepted == 1 && $0.open == 0 }
    }
}

/// A number that a test changes under the code it tests.
final class Shared: Sendable {
    private let number: Mutex<Int32>
    init(_ start: Int32) { number = Mutex(start) }
    var value: Int32 {
        get { number.withLock { $0 } }
        set { number.withLock { $0 = newValue } }
    }
}

import CSockets
import LoopbackServer
import Synchronization
import Testing

@testable import Transport

@Suite("requests on the caller's thread", .timeLimit(.minutes(5)))
struct CallerLoopTests {
    let client = HTTPClient()

    /// Drives the work on this thread until it has a result.
    func driven<Value: Sendable>(
        isShared: Bool = false, _ work: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        let loop = try CallerLoop(isShared: isShared)
        let result = Mutex<Result<Value, any Error>?>(nil)
        _ = loop.task {
            let found: Result<Value, any Error>
            do { found = .success(try await work()) } catch { found = .failure(error) }
            result.withLock { $0 = found }
        }
        #expect(loop.drive(until: .now + .seconds(30)) { result.withLock { $0 != nil } } == .done)
        return try #require(result.withLock { $0 }).get()
    }

    func request(_ method: String, _ server: LoopbackServer, _ body: String? = nil) throws -> HTTPRequest {
        let base = try #require(BaseURL("http://127.0.0.1:\(server.port)"))
        return HTTPRequest(method, base, "/", body: body.map { Array($0.utf8) })
    }

    @Test("a request is answered, and its connection kept", arguments: [false, true])
    func roundTrip(isShared: Bool) async throws {
        let server = try await LoopbackServer { request, reply in reply.answer(201, [], request.bodyText + "!") }
        let request = try request("POST", server, "hello")
        for _ in 0..<5 {
            let answer = try driven(isShared: isShared) { try await client.send(request) }
            #expect(answer.head.status == 201)
            #expect(String(decoding: answer.body, as: UTF8.self) == "hello!")
        }
        #expect(server.record.accepted == 1)
    }

    @Test("a task makes the descriptor readable, unless who starts it drives next")
    func told() throws {
        for isDrivenNext in [false, true] {
            let loop = try CallerLoop(isShared: true)
            let isDone = Atomic(false)
            _ = loop.task(isDrivenNext: isDrivenNext) { isDone.store(true, ordering: .relaxed) }
            var fired: UInt32 = 0
            #expect(csockets_poll([loop.descriptor], [CSOCKETS_READ], &fired, 1, 0) == (isDrivenNext ? 0 : 1))
            #expect(loop.drive(until: .now) { isDone.load(ordering: .relaxed) } == .done)
        }
    }

    @Test("a large body goes both ways")
    func large() async throws {
        let server = try await LoopbackServer { request, reply in reply.answer(200, [], request.bodyText) }
        let request = try request("POST", server, String(repeating: "0123456789abcdef", count: 1 << 17))
        #expect(try driven { try await client.send(request) }.body.count == 1 << 21)
    }

    @Test("a stream is read as it comes, and its connection kept once its rest was dropped")
    func stream() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.openEvents()
            reply.chunk("data: a\n\n")
            reply.chunk("data: b\n\n")
            reply.endChunks()
        }
        let request = try request("GET", server)
        let first = try driven {
            let stream = try await client.open(request)
            defer { stream.release() }
            return try await stream.next()
        }
        #expect(String(decoding: try #require(first), as: UTF8.self).hasPrefix("data: a"))
        await server.until { $0.requests.count == 1 }
        _ = try driven { try await client.open(request).head }
        #expect(server.record.requests.count == 2)
    }

    @Test("a deadline passes")
    func late() async throws {
        let server = try await LoopbackServer { _, _ in }
        let request = try request("GET", server)
        let timeouts = HTTPTimeouts(total: .milliseconds(50))
        #expect(throws: TransportError.timeout("no answer within 0.05 seconds", mayHaveBegun: true)) {
            try driven { try await client.send(request, timeouts: timeouts) }
        }
    }

    @Test("cancelling closes the connection")
    func cancelled() async throws {
        let server = try await LoopbackServer { _, _ in }
        let request = try request("GET", server)
        #expect(throws: TransportError.cancelled) {
            try driven {
                try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
                    group.addTask { try await client.send(request) }
                    await server.until { $0.requests.count == 1 }
                    group.cancelAll()
                    return try #require(try await group.next())
                }
            }
        }
        await server.until { $0.open == 0 }
    }

    @Test("a connection that the server closed is not used again")
    func closed() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.answer(200, [], "ok")
            reply.close()
        }
        let request = try request("POST", server, "x")
        for _ in 0..<5 {
            #expect(try driven { try await client.send(request) }.head.status == 200)
            await server.until { $0.open == 0 }
        }
        #expect(server.record.accepted == 5)
    }

    @Test("a host that refuses is named")
    func refused() throws {
        let base = try #require(BaseURL("http://127.0.0.1:9"))
        #expect(throws: TransportError.connect("cannot connect to 127.0.0.1:9: Connection refused")) {
            try driven { try await client.send(HTTPRequest("GET", base, "/")) }
        }
    }

    @Test("many requests run side by side on one thread")
    func together() async throws {
        let server = try await LoopbackServer { request, reply in reply.answer(200, [], request.bodyText) }
        let requests = try (0..<200).map { try request("POST", server, "\($0)") }
        let right = try driven(isShared: true) {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for request in requests {
                    group.addTask { try await client.send(request).body == request.body }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
        }
        #expect(right == 200)
    }

    @Test("an https request runs on the event loops and comes back to the loop")
    func secure() async throws {
        let server = try await TLSTests().server()
        let client = HTTPClient(trustedCertificates: TLSTests.certificate)
        let request = try TLSTests().request(server)
        for isShared in [false, true] {
            let answer = try driven(isShared: isShared) { try await client.send(request) }
            #expect(answer.body == Array("ok".utf8))
        }
    }
}

import CSockets
import LoopbackServer
import Synchronization
import Testing

@testable import Transport

@Suite("host names", .timeLimit(.minutes(5)))
struct NameTests {
    /// A resolver that answers when it is told to.
    final class SlowResolver: Sendable {
        private let alarm = csockets_alarm()
        let asked = Atomic(0)

        deinit { csockets_close(alarm) }

        func answer() { csockets_alarm_ring(alarm) }

        var names: NameService {
            NameService { [self] _ in
                asked.add(1, ordering: .relaxed)
                var fired: UInt32 = 0
                _ = csockets_poll([alarm], [CSOCKETS_READ], &fired, 1, 30_000)
                return .success(["127.0.0.1"])
            }
        }
    }

    func request(_ scheme: String, _ port: Int) throws -> HTTPRequest {
        HTTPRequest("GET", try #require(BaseURL("\(scheme)://name.example:\(port)")), "/")
    }

    @Test("a slow look-up on the caller's thread is bound by the limit of connecting")
    func lateOnLoop() throws {
        let resolver = SlowResolver()
        defer { resolver.answer() }
        let client = HTTPClient(trustedCertificates: nil, names: resolver.names)
        let request = try request("http", 80)
        let timeouts = HTTPTimeouts(connect: .milliseconds(50))
        let expected = TransportError.timeout(
            "no connection to name.example:80 within \(timeouts.connect)", mayHaveBegun: false)
        #expect(throws: expected) {
            try CallerLoopTests().driven { try await client.send(request, timeouts: timeouts) }
        }
    }

    @Test("a slow look-up for the event loops is bound by the limit of connecting")
    func lateOnEventLoops() async throws {
        let resolver = SlowResolver()
        defer { resolver.answer() }
        let client = HTTPClient(trustedCertificates: nil, names: resolver.names)
        let timeouts = HTTPTimeouts(connect: .milliseconds(50))
        let expected = TransportError.timeout(
            "no connection to name.example:443 within \(timeouts.connect)", mayHaveBegun: false)
        await #expect(throws: expected) {
            try await client.send(request("https", 443), timeouts: timeouts)
        }
    }

    @Test("cancelling ends the wait for a look-up, and the loop goes on with other tasks meanwhile")
    func cancelled() throws {
        let resolver = SlowResolver()
        defer { resolver.answer() }
        let client = HTTPClient(trustedCertificates: nil, names: resolver.names)
        let request = try request("http", 80)
        #expect(throws: TransportError.cancelled) {
            try CallerLoopTests().driven {
                let task = Task { try await client.send(request) }
                while resolver.asked.load(ordering: .relaxed) == 0 { await Task.yield() }
                task.cancel()
                return try await task.value
            }
        }
    }

    @Test("who asks for a name that is being looked up waits for the same answer")
    func shared() async throws {
        let plain = try await LoopbackServer { _, reply in reply.answer(200, [], "ok") }
        let port = plain.port
        let resolver = SlowResolver()
        let names = resolver.names
        let (answers, tell) = AsyncStream.makeStream(of: [String].self)
        for _ in 0..<3 { names.addresses(of: "name.example") { tell.yield((try? $0.get()) ?? []) } }
        resolver.answer()
        var iterator = answers.makeAsyncIterator()
        for _ in 0..<3 { #expect(await iterator.next() == ["127.0.0.1"]) }
        #expect(resolver.asked.load(ordering: .relaxed) == 1)
        let client = HTTPClient(trustedCertificates: nil, names: names)
        #expect(try await client.send(request("http", port)).body == Array("ok".utf8))
        let request = try request("http", port)
        let found = try CallerLoopTests().driven { try await client.send(request).body }
        #expect(found == Array("ok".utf8))
    }

    @Test("a name that is none says so on both ways")
    func unknown() async throws {
        let names = NameService { .failure(.connect("cannot find the host \($0): it has no address")) }
        let client = HTTPClient(trustedCertificates: nil, names: names)
        let expected = TransportError.connect("cannot find the host name.example: it has no address")
        let (secure, plain) = (try request("https", 443), try request("http", 80))
        await #expect(throws: expected) { try await client.send(secure) }
        #expect(throws: expected) { try CallerLoopTests().driven { try await client.send(plain) } }
    }

    @Test("localhost is found by the machine's resolver")
    func localhost() async throws {
        let (answers, tell) = AsyncStream.makeStream(of: NameService.Answer.self)
        NameService.shared.addresses(of: "localhost") { tell.yield($0) }
        var iterator = answers.makeAsyncIterator()
        let found = try #require(await iterator.next()).get()
        #expect(found.contains("127.0.0.1") || found.contains("::1"))
    }

    @Test("an address that is silent leaves time for the next")
    func silentAddress() async throws {
        let server = try await LoopbackServer { _, reply in reply.answer() }
        let deaf = try DeafListener(port: server.port)
        defer { deaf.close() }
        let origin = Origin(try #require(BaseURL("http://name.example:\(server.port)")))
        let connected = try CallerLoopTests().driven {
            let loop = try #require(CallerLoop.current)
            let late = TransportError.timeout("late", mayHaveBegun: false)
            let socket = try await Socket.connect(
                to: origin, at: ["127.0.0.2", "127.0.0.1"], until: .now + .seconds(4), late: late, on: loop)
            return socket.isQuiet
        }
        #expect(connected)
    }
}

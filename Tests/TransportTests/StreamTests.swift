import LoopbackServer
import NIOCore
import Synchronization
import Testing

@testable import Transport

@Suite("streams", .timeLimit(.minutes(5)))
struct StreamTests {
    let client = HTTPClient()

    func get(_ server: LoopbackServer) throws -> HTTPRequest {
        HTTPRequest("GET", try #require(BaseURL("http://127.0.0.1:\(server.port)")), "/")
    }

    @Test("pieces arrive as they are sent, each before the next is sent")
    func asSent() async throws {
        let (replies, giveReply) = AsyncStream.makeStream(of: Reply.self)
        let server = try await LoopbackServer { _, reply in
            reply.openEvents()
            giveReply.yield(reply)
        }
        let stream = try await client.open(get(server))
        #expect(stream.head.status == 200)
        var iterator = replies.makeAsyncIterator()
        let reply = try #require(await iterator.next())
        for number in 0..<100 {
            reply.chunk("piece \(number)")
            #expect(try await stream.next() == Array("piece \(number)".utf8))
        }
        reply.endChunks()
        #expect(try await stream.next() == nil)
        #expect(try await stream.next() == nil)
        // The connection went back to the pool.
        _ = try await client.open(get(server))
        #expect(server.record.accepted == 1)
    }

    @Test("what came before a reset is read first")
    func beforeReset() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").whenComplete { _ in reply.close() }
        }
        let stream = try await client.open(get(server))
        await server.until { $0.accepted == 1 && $0.open == 0 }
        #expect(try await stream.next() == Array("half".utf8))
        await #expect(
            throws: TransportError.reset("the connection ended in the middle of the answer", mayHaveBegun: true)
        ) {
            _ = try await stream.next()
        }
    }

    @Test("cancelling closes the connection at the server")
    func cancel() async throws {
        let server = try await LoopbackServer { _, reply in reply.openEvents() }
        let stream = try await client.open(get(server))
        stream.cancel()
        await server.until { $0.accepted == 1 && $0.open == 0 }
        await #expect(throws: TransportError.cancelled) { _ = try await stream.next() }
    }

    @Test("cancelling the task that reads closes the connection at the server")
    func cancelTask() async throws {
        let server = try await LoopbackServer { _, reply in reply.openEvents() }
        let stream = try await client.open(get(server))
        let task = Task { try await stream.next() }
        task.cancel()
        await #expect(throws: TransportError.cancelled) { _ = try await task.value }
        await server.until { $0.accepted == 1 && $0.open == 0 }
    }

    @Test("cancelling the task that waits for an answer closes the connection at the server")
    func cancelSend() async throws {
        let server = try await LoopbackServer { _, _ in }
        let request = try get(server)
        let task = Task { try await client.send(request) }
        await server.until { $0.requests.count == 1 }
        task.cancel()
        await #expect(throws: TransportError.cancelled) { _ = try await task.value }
        await server.until { $0.open == 0 }
    }

    @Test("a task cancelled beforehand sends nothing")
    func cancelledBefore() async throws {
        let server = try await LoopbackServer { _, reply in reply.answer() }
        let request = try get(server)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.send(request)
        }
        await #expect(throws: TransportError.cancelled) { _ = try await task.value }
        #expect(server.record.requests.isEmpty)
    }

    @Test("dropping a stream closes the connection at the server")
    func drop() async throws {
        let server = try await LoopbackServer { _, reply in reply.openEvents() }
        _ = try await client.open(get(server))
        await server.until { $0.accepted == 1 && $0.open == 0 }
    }

    @Test("a released stream closes its connection when the rest does not come")
    func release() async throws {
        let server = try await LoopbackServer { _, reply in reply.openEvents() }
        let stream = try await client.open(get(server))
        stream.release()
        await server.until { $0.accepted == 1 && $0.open == 0 }
    }

    @Test("a reader that lags holds the server back, and loses nothing")
    func backPressure() async throws {
        let total = 96 << 20
        let (stalls, giveStall) = AsyncStream.makeStream(of: Int.self)
        let server = try await LoopbackServer { _, reply in
            reply.send("HTTP/1.1 200 OK\r\ncontent-length: \(total)\r\n\r\n")
            reply.channel.eventLoop.execute { Flood(reply.channel, total: total, stalled: giveStall).pour() }
        }
        let stream = try await client.open(get(server))
        var iterator = stalls.makeAsyncIterator()
        // The server's socket is full long before everything is written.
        let written = try #require(await iterator.next())
        #expect(written < total / 2)
        var received = 0
        while let piece = try await stream.next() { received += piece.count }
        #expect(received == total)
    }
}

/// Writes piece after piece, each when the one before has left, and says where it stood when the socket was full.
private final class Flood: Sendable {
    private let channel: any Channel
    private let total: Int
    private let stalled: AsyncStream<Int>.Continuation
    private let written = Mutex(0)

    init(_ channel: any Channel, total: Int, stalled: AsyncStream<Int>.Continuation) {
        self.channel = channel
        self.total = total
        self.stalled = stalled
    }

    func pour() {
        let count = min(1 << 18, total - written.withLock { $0 })
        guard count > 0 else { return }
        let done = channel.writeAndFlush(ByteBuffer(repeating: 0x78, count: count))
        var hasLeft = false
        done.assumeIsolated().whenSuccess { hasLeft = true }
        if !hasLeft { stalled.yield(written.withLock { $0 }) }
        done.whenSuccess {
            self.written.withLock { $0 += count }
            self.channel.eventLoop.execute { self.pour() }
        }
    }
}

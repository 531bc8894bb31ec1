import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An engine that does what a test tells it, byte for byte. It reads whole requests (by Content-Length) and hands each
/// to the script, or keeps it for ``next()``.
final class ScriptedEngine: Sendable {
    struct Request: Sendable {
        var head: String
        var body: [UInt8]
        let connection: Connection

        var text: String { String(decoding: body, as: UTF8.self) }
        var path: String { head.split(separator: " ").dropFirst().first.map(String.init) ?? "" }

        func header(_ name: String) -> String? {
            for line in head.split(separator: "\r\n").dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.first?.lowercased() == name { return parts.last?.trimmingPrefix(" ").description }
            }
            return nil
        }
    }

    final class Connection: Sendable {
        let channel: any Channel
        private let open = Atomic<Bool>(true)

        init(channel: any Channel) { self.channel = channel }

        var isOpen: Bool { open.load(ordering: .relaxed) }
        func hasClosed() { open.store(false, ordering: .relaxed) }

        func send(_ text: String) { send(Array(text.utf8)) }
        func send(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }
        func close() { channel.close(promise: nil) }

        /// Closes with a reset.
        func reset() {
            guard let socket = channel as? any SocketOptionProvider else { return channel.close(promise: nil) }
            socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in self.channel.close(promise: nil) }
        }

        func answer(_ body: String, status: String = "200 OK", headers: String = "") {
            send(
                "HTTP/1.1 \(status)\r\ncontent-type: application/json\r\n\(headers)content-length: \(body.utf8.count)\r\n\r\n\(body)"
            )
        }

        static let streamHead =
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

        func startStream() { send(Self.streamHead) }
        func event(_ data: String) { chunk("data: \(data)\n\n") }
        func chunk(_ text: String) { send("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n") }
        func endStream() { send("0\r\n\r\n") }
    }

    private struct State {
        var requests: [Request] = []
        var taken = 0
        var connections: [Connection] = []
    }

    let port: Int
    private let listener: any Channel
    private let state: SharedState

    private final class SharedState: Sendable {
        let value = Mutex(State())
    }

    /// - Parameter script: called on the engine's loop for each request; nil leaves them to ``next()``.
    init(port: Int = 0, script: (@Sendable (Request) -> Void)? = nil) async throws {
        let state = SharedState()
        self.state = state
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = Connection(channel: channel)
                    state.value.withLock { $0.connections.append(connection) }
                    try channel.pipeline.syncOperations.addHandler(
                        Reader(connection: connection) { request in
                            state.value.withLock { $0.requests.append(request) }
                            script?(request)
                        })
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        self.port = listener.localAddress?.port ?? 0
    }

    var requests: [Request] { state.value.withLock { $0.requests } }
    var connections: [Connection] { state.value.withLock { $0.connections } }

    /// The next request that no test has taken yet.
    func next() async throws -> Request {
        try await eventually("a request reaches the engine") {
            state.value.withLock { state in
                guard state.taken < state.requests.count else { return nil }
                state.taken += 1
                return state.requests[state.taken - 1]
            }
        }
    }

    func stop() async {
        try? await listener.close()
        for connection in connections { connection.close() }
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let connection: Connection
        let received: (Request) -> Void
        var bytes: [UInt8] = []

        init(connection: Connection, received: @escaping (Request) -> Void) {
            self.connection = connection
            self.received = received
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes.append(contentsOf: Self.unwrapInboundIn(data).readableBytesView)
            while let request = takeRequest() { received(request) }
        }

        func channelInactive(context: ChannelHandlerContext) { connection.hasClosed() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func takeRequest() -> Request? {
            guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            let head = String(decoding: bytes[..<end.upperBound], as: UTF8.self)
            var request = Request(head: head, body: [], connection: connection)
            let length = request.header("content-length").flatMap { Int($0) } ?? 0
            guard bytes.count >= end.upperBound + length else { return nil }
            request.body = Array(bytes[end.upperBound..<end.upperBound + length])
            bytes.removeFirst(end.upperBound + length)
            return request
        }
    }
}

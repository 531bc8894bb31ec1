import NIOCore
import NIOPosix
import Synchronization

/// A client that sends and receives bytes, so that a test can be as rude as it likes.
final class WireClient: Sendable {
    private let channel: any Channel
    private let state: SharedState

    private struct State {
        var bytes: [UInt8] = []
        var isClosed = false
    }

    private final class SharedState: Sendable {
        let value = Mutex(State())
    }

    /// - Parameter reads: whether it reads by itself; else only as ``read()`` says.
    init(port: Int, reads: Bool = true, receiveBufferBytes: Int? = nil) async throws {
        let state = SharedState()
        self.state = state
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: reads)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Sink(state)) }
            }
        if let receiveBufferBytes {
            bootstrap = bootstrap.channelOption(
                .socketOption(.so_rcvbuf), value: SocketOptionValue(receiveBufferBytes))
        }
        channel = try await bootstrap.connect(host: "127.0.0.1", port: port).get()
    }

    var received: [UInt8] { state.value.withLock { $0.bytes } }
    var text: String { String(decoding: received, as: UTF8.self) }
    var isClosed: Bool { state.value.withLock { $0.isClosed } }

    func send(_ text: String) { send(Array(text.utf8)) }
    func send(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }
    func read() { channel.read() }
    func close() { channel.close(promise: nil) }

    /// Takes the next whole answer from what has been received.
    func answer(toHead: Bool = false) async throws -> Answer {
        try await eventually("a whole answer arrives; so far: \(text.suffix(300))") {
            state.value.withLock { state in
                guard let (answer, count) = Answer.parse(state.bytes, toHead: toHead, isClosed: state.isClosed) else {
                    return nil
                }
                state.bytes.removeFirst(count)
                return answer
            }
        }
    }

    func untilClosed() async throws { try await eventually("the connection is closed") { isClosed } }

    func until(_ text: String) async throws {
        try await eventually("\(text) arrives") { self.text.contains(text) }
    }

    private final class Sink: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let state: SharedState

        init(_ state: SharedState) { self.state = state }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = Self.unwrapInboundIn(data)
            state.value.withLock { $0.bytes.append(contentsOf: buffer.readableBytesView) }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event as? ChannelEvent == .inputClosed { context.close(promise: nil) }
        }

        func channelInactive(context: ChannelHandlerContext) { state.value.withLock { $0.isClosed = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// One HTTP answer as it came.
struct Answer: Sendable {
    var status: Int
    var head: String
    /// Out of its framing.
    var body: [UInt8]
    /// With its framing.
    var rawBody: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    func header(_ name: String) -> String? {
        for line in head.split(separator: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.first?.lowercased() == name { return parts.last?.trimmingPrefix(" ").description }
        }
        return nil
    }

    static func parse(_ bytes: [UInt8], toHead: Bool, isClosed: Bool) -> (Answer, Int)? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: bytes[..<end.upperBound], as: UTF8.self)
        guard let status = head.split(separator: " ").dropFirst().first.flatMap({ Int($0.prefix(3)) }) else {
            return nil
        }
        var answer = Answer(status: status, head: head, body: [], rawBody: [])
        if toHead || status < 200 || status == 204 { return (answer, end.upperBound) }
        let rest = bytes[end.upperBound...]
        if answer.header("transfer-encoding") == "chunked" {
            guard let (body, count) = dechunk(Array(rest)) else { return nil }
            answer.body = body
            answer.rawBody = Array(rest.prefix(count))
            return (answer, end.upperBound + count)
        }
        guard let length = answer.header("content-length").flatMap({ Int($0) }) else {
            guard isClosed else { return nil }
            answer.body = Array(rest)
            return (answer, bytes.count)
        }
        guard rest.count >= length else { return nil }
        answer.body = Array(rest.prefix(length))
        answer.rawBody = answer.body
        return (answer, end.upperBound + length)
    }

    private static func dechunk(_ bytes: [UInt8]) -> ([UInt8], Int)? {
        var body: [UInt8] = []
        var position = 0
        while let line = bytes[position...].firstRange(of: Array("\r\n".utf8)) {
            guard let size = Int(String(decoding: bytes[position..<line.lowerBound], as: UTF8.self), radix: 16) else {
                return nil
            }
            let start = line.upperBound
            guard bytes.count >= start + size + 2 else { return nil }
            body += bytes[start..<start + size]
            position = start + size + 2
            if size == 0 { return (body, position) }
        }
        return nil
    }
}

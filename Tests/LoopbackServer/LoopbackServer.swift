import NIOCore
import NIOPosix
package import NIOSSL
import Synchronization

/// An HTTP/1.1 server on a loopback port of the kernel's choosing that does what a test's script tells it.
package final class LoopbackServer: Sendable {
    package typealias Script = @Sendable (ReceivedRequest, Reply) -> Void

    /// What has happened so far.
    package struct Record: Sendable {
        package var requests: [ReceivedRequest] = []
        /// Connections ever accepted.
        package var accepted = 0
        /// Connections open now.
        package var open = 0
    }

    private struct State {
        var record = Record()
        var waiters: [(condition: @Sendable (Record) -> Bool, waiter: CheckedContinuation<Record, Never>)] = []
    }

    private let state = Mutex(State())
    private let script: Script
    private let listener = Mutex<(channel: (any Channel)?, port: Int)>((nil, 0))

    /// - Parameter tls: serves `https` with this certificate when given.
    package init(tls: NIOSSLContext? = nil, script: @escaping Script) async throws {
        self.script = script
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(RequestReader(server: self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        listener.withLock { $0 = (channel, channel.localAddress?.port ?? 0) }
    }

    package var port: Int { listener.withLock { $0.port } }

    package var record: Record { state.withLock { $0.record } }

    /// Returns as soon as what has happened satisfies the condition.
    @discardableResult
    package func until(_ condition: @escaping @Sendable (Record) -> Bool) async -> Record {
        await withCheckedContinuation { waiter in
            let now: Record? = state.withLock { state in
                guard !condition(state.record) else { return state.record }
                state.waiters.append((condition, waiter))
                return nil
            }
            if let now { waiter.resume(returning: now) }
        }
    }

    package func stop() async {
        let channel = listener.withLock { $0.channel.take() }
        try? await channel?.close()
    }

    func accepted() -> Int {
        change { record in
            record.accepted += 1
            record.open += 1
            return record.accepted - 1
        }
    }

    func closed() { change { $0.open -= 1 } }

    func received(_ request: ReceivedRequest, on channel: any Channel) {
        change { $0.requests.append(request) }
        script(request, Reply(channel: channel))
    }

    @discardableResult
    private func change<Result: Sendable>(_ edit: (inout Record) -> Result) -> Result {
        let (result, record, ready) = state.withLock { state in
            let result = edit(&state.record)
            let record = state.record
            let ready = state.waiters.filter { $0.condition(record) }.map(\.waiter)
            state.waiters.removeAll { $0.condition(record) }
            return (result, record, ready)
        }
        for waiter in ready { waiter.resume(returning: record) }
        return result
    }
}

/// Cuts requests out of what a connection brings.
private final class RequestReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let server: LoopbackServer
    private var bytes: [UInt8] = []
    private var number = 0

    init(server: LoopbackServer) { self.server = server }

    func channelActive(context: ChannelHandlerContext) { number = server.accepted() }
    func channelInactive(context: ChannelHandlerContext) { server.closed() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes.append(contentsOf: unwrapInboundIn(data).readableBytesView)
        while let request = ReceivedRequest(from: &bytes, connection: number) {
            server.received(request, on: context.channel)
        }
    }
}

import NIOCore

/// One connection to an engine or to the Manager. Lives on the loop of the client it serves.
///
/// ```
///              connected                 request written          head read
/// connecting ───────────▶ (idle) ───────────────────▶ awaitingHead ───────▶ relaying
///     │                     ▲                              │                    │ body over
///     │ failed              └──────────────────────────────┼────────────────────┤ and kept alive
///     ▼                                                    ▼                    ▼
///   closed ◀───────────────────────────────────────────── it closed, it broke off, its client left
/// ```
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Stage: Sendable, Hashable {
        case connecting, idle, awaitingHead, relaying, closed
    }

    let lane: Lane
    let replica: Replica
    var stage = Stage.connecting
    /// Whose request is under way.
    var client: ClientConnection?
    var idleSince = NIODeadline.distantPast
    /// Where the replica keeps it while it is idle; below zero otherwise.
    var poolIndex = -1
    private(set) var isWritable = true

    var context: ChannelHandlerContext?
    var pending = ByteBuffer()
    var scanned = 0
    var body = AnswerBody(.none)
    var keepsAlive = false
    var answersHead = false
    var wasReset = false
    private var readHeld = false

    init(lane: Lane, replica: Replica) {
        self.lane = lane
        self.replica = replica
    }

    /// Whether a byte of the answer has arrived.
    var hasAnswered: Bool { stage == .relaying || pending.readableBytes > 0 }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = Self.unwrapInboundIn(data)
        switch stage {
        case .awaitingHead: readHead(buffer)
        case .relaying: relay(buffer)
        // It speaks unasked: whatever that is, the connection cannot be used for a request.
        case .idle: close()
        case .connecting, .closed: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { client?.flushAnswer() }

    func channelInactive(context: ChannelHandlerContext) { ended() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        wasReset = true
        context.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        client?.upstreamWritabilityChanged(isWritable)
    }

    /// Reads only while the client takes what was read before.
    func read(context: ChannelHandlerContext) {
        if let client, !client.isWritable { readHeld = true } else { context.read() }
    }

    func resumeReading() {
        guard readHeld else { return }
        readHeld = false
        context?.read()
    }
}

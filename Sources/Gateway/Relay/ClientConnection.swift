import NIOCore

/// One client's connection: reads requests, admits them, and passes their answers on.
///
/// ```
///            head whole          body whole              answer's head
/// head ──────────────────▶ body ───────────▶ waiting ─────────────────▶ answering ──▶ head (kept alive)
///  │ │ not below /endpoint/   │ refused         │ refused                   │ closes
///  │ ├──▶ control ────────────┼─────────────────┼───────────────────────────┤
///  │ └──▶ local               ▼                 ▼                           ▼
///  │ refused              discarding ────▶ head (kept alive)            lingering ──▶ closed
///  └──────────────────────────┴─────────────────────────────────────────────▲
/// ```
/// `discarding` reads the rest of a body nobody wants; `lingering` has said all and waits for the client to close, so
/// that the last answer is not lost to a reset.
final class ClientConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Stage: Sendable, Hashable {
        case head, body, waiting, answering, control, local, discarding, lingering, closed
    }

    let lane: Lane
    /// Where the lane keeps it; below zero when it does not.
    var laneIndex = -1
    var stage = Stage.head
    /// What was read and not yet used.
    var inbound = ByteBuffer()
    /// Bytes of ``inbound`` that hold no end of a head.
    var scanned = 0
    var deadline = NIODeadline.distantFuture
    var request = DataRequest()
    var answer = RelayedAnswer()
    var control: ControlExchange?
    var upstream: UpstreamConnection?
    var discardedBytes = 0

    /// Whether the client takes what is written to it.
    private(set) var isWritable = true
    /// Since when it does not.
    private(set) var stalledSince: NIODeadline?
    private(set) var context: ChannelHandlerContext?
    private var holdsReads = false
    private var readHeld = false
    private var isProcessing = false

    /// It was accepted with one of the last descriptors.
    private let cameInShortage: Bool

    init(lane: Lane) {
        self.lane = lane
        cameInShortage = SpareDescriptors.areShort
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        lane.counters.connectionsAccepted += 1
        guard !cameInShortage, lane.admit(self) else { return turnAway() }
        deadline = .now() + lane.limits.headDeadline
    }

    func channelInactive(context: ChannelHandlerContext) { left() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = Self.unwrapInboundIn(data)
        guard stage != .lingering, stage != .closed else { return }
        if inbound.readableBytes == 0 { inbound = buffer } else { inbound.writeBuffer(&buffer) }
        process()
    }

    func channelReadComplete(context: ChannelHandlerContext) { if stage == .control { upstream?.flush() } }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable {
            stalledSince = nil
            if stage == .answering { deadline = lane.now + lane.limits.upstreamIdle }
            upstream?.resumeReading()
        } else {
            stalledSince = lane.now
        }
    }

    /// Reads only while there is room for what is read.
    func read(context: ChannelHandlerContext) { if holdsReads { readHeld = true } else { context.read() } }

    /// Uses what was read as far as that goes. Loops instead of recurring, for requests sent ahead.
    func process() {
        guard !isProcessing else { return }
        isProcessing = true
        while step() {}
        isProcessing = false
        holdReads(mustHoldReads)
        // The memory of a read goes back to the channel for the next one.
        if inbound.readableBytes == 0 { inbound = ByteBuffer() }
    }

    /// Whether something was done, so that more may be possible.
    private func step() -> Bool {
        switch stage {
        case .head: inbound.readableBytes > 0 && readHead()
        case .body: readBody()
        case .discarding: discardBody()
        case .control: readControlBody()
        case .waiting, .answering, .local, .lingering, .closed: false
        }
    }

    private var mustHoldReads: Bool {
        switch stage {
        case .waiting, .answering, .local: inbound.readableBytes > lane.limits.maxPipelinedBytes
        case .control: mustHoldControlReads
        case .head, .body, .discarding, .lingering, .closed: false
        }
    }

    private func holdReads(_ holds: Bool) {
        holdsReads = holds
        guard !holds, readHeld else { return }
        readHeld = false
        context?.read()
    }
}

// Writing.
extension ClientConnection {
    func write(_ buffer: ByteBuffer) {
        request.bytesOut &+= buffer.readableBytes
        context?.write(Self.wrapOutboundOut(buffer), promise: nil)
    }

    func flush() { context?.flush() }

    /// What was held back for the Manager can go on.
    func upstreamWritabilityChanged(_ isWritable: Bool) {
        guard stage == .control, isWritable else { return }
        process()
        upstream?.flush()
    }
}

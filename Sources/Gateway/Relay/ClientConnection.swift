import InferenceKeyWire
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

    init(lane: Lane) { self.lane = lane }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        lane.counters.connectionsAccepted += 1
        guard lane.admit(self) else { return turnAway() }
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
    func write(_ buffer: ByteBuffer) { context?.write(Self.wrapOutboundOut(buffer), promise: nil) }

    func flush() { context?.flush() }

    /// What was held back for the Manager can go on.
    func upstreamWritabilityChanged(_ isWritable: Bool) {
        guard stage == .control, isWritable else { return }
        process()
        upstream?.flush()
    }
}

// Ending.
extension ClientConnection {
    /// Ready for the next request, or on the way out.
    func nextRequest(keepsAlive: Bool) {
        request = DataRequest()
        control = nil
        upstream = nil
        scanned = 0
        guard keepsAlive, !lane.isDraining else { return linger() }
        stage = .head
        deadline = lane.now + lane.limits.clientIdle
    }

    /// Says no more; closes when the client has, or after a while.
    func linger() {
        guard stage != .closed, let context else { return }
        stage = .lingering
        inbound = ByteBuffer()
        deadline = lane.now + lane.limits.linger
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { [self] _ in
            self.context?.close(mode: .output, promise: nil)
        }
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer()), promise: written)
    }

    func close() {
        guard stage != .closed else { return }
        context?.close(promise: nil)
    }

    /// The connection is gone: so is what was asked of the engine.
    private func left() {
        stage = .closed
        if request.isOpen {
            lane.counters.clientsLeft += 1
            settle(failed: false)
        }
        upstream?.abandon()
        upstream = nil
        control = nil
        answer = RelayedAnswer()
        inbound = ByteBuffer()
        lane.dismiss(self)
    }

    private func turnAway() {
        let error = ServiceError(.unavailable, "too many connections: try again", retryAfterMilliseconds: 1000)
        var answer = OwnAnswer(refusal: Refusal(error))
        answer.closes = true
        respond(answer)
        close()
    }
}

// Shutting down.
extension ClientConnection {
    /// Whether a request of its is under way.
    var isAnswering: Bool {
        switch stage {
        case .body, .waiting, .answering, .control, .local: true
        case .head, .discarding, .lingering, .closed: false
        }
    }

    /// The Gateway takes no more requests: goes now if nothing is under way. Streams from the Manager never end, and
    /// their readers come back by themselves.
    func drain() {
        switch stage {
        case .head, .discarding, .lingering: close()
        case .control: if control?.isEventStream == true { close() }
        case .body, .waiting, .answering, .local, .closed: break
        }
    }

    /// The time to finish is over.
    func cut() {
        let error = ServiceError(.unavailable, "the gateway is shutting down")
        switch stage {
        case .answering where answer.canTellError:
            upstream?.abandon()
            tellInStream(error)
            settle(failed: true)
            nextRequest(keepsAlive: false)
        case .body, .waiting:
            upstream?.abandon()
            request.keepsAlive = false
            respondAndLinger(Refusal(error))
        default: close()
        }
    }
}

import NIOCore
import NIOPosix

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
    private(set) var stage = Stage.connecting
    /// Whose request is under way.
    private(set) var client: ClientConnection?
    var idleSince = NIODeadline.distantPast
    /// Where the replica keeps it while it is idle; below zero otherwise.
    var poolIndex = -1
    private(set) var isWritable = true

    private var context: ChannelHandlerContext?
    private var pending = ByteBuffer()
    private var scanned = 0
    private var body = AnswerBody(.none)
    private var keepsAlive = false
    private var answersHead = false
    private var wasReset = false
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

// Life.
extension UpstreamConnection {
    /// Connects for `client`, which is told how that went.
    static func open(_ lane: Lane, _ replica: Replica, for client: ClientConnection) -> UpstreamConnection {
        let connection = UpstreamConnection(lane: lane, replica: replica)
        connection.client = client
        let bound = NIOLoopBound(connection, eventLoop: lane.loop)
        let limits = lane.limits
        let bootstrap = ClientBootstrap(group: lane.loop)
            .connectTimeout(limits.upstreamConnect)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(
                .writeBufferWaterMark, value: .init(low: limits.writeBufferLowBytes, high: limits.writeBufferHighBytes)
            )
            .channelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 4096, maximum: 32_768)
            )
            .channelOption(.maxMessagesPerRead, value: 2)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
            }
        lane.counters.upstreamConnections += 1
        let opening =
            if let address = replica.socketAddress { bootstrap.connect(to: address) } else {
                bootstrap.connect(host: replica.address.host, port: replica.address.port)
            }
        opening.assumeIsolated().whenComplete { result in
            switch result {
            case .success: connection.opened()
            case .failure(let error): connection.failedToOpen(error)
            }
        }
        return connection
    }

    /// Takes the next request of `client`. What is then written with ``write(_:)`` must be exactly that request.
    func begin(for client: ClientConnection, answersHead: Bool) {
        self.client = client
        self.answersHead = answersHead
        stage = .awaitingHead
        pending = ByteBuffer()
        scanned = 0
        wasReset = false
    }

    func write(_ buffer: ByteBuffer) { context?.write(Self.wrapOutboundOut(buffer), promise: nil) }

    func flush() { context?.flush() }

    /// Closes at once; nobody is told.
    func close() {
        client = nil
        guard stage != .closed else { return }
        let wasIdle = stage == .idle
        stage = .closed
        if wasIdle { replica.forget(self) }
        pending = ByteBuffer()
        context?.close(promise: nil)
    }

    /// The client has left: a connection that is still opening is kept for somebody else.
    func abandon() { if stage == .connecting { client = nil } else { close() } }

    private func opened() {
        guard stage == .connecting else {
            context?.close(promise: nil)
            return
        }
        stage = .idle
        if let client { client.upstreamOpened(self) } else { replica.keep(self, now: lane.now) }
    }

    private func failedToOpen(_ error: any Error) {
        let client = self.client
        stage = .closed
        self.client = nil
        client?.upstreamFailedToOpen(self, error)
    }

    private func ended() {
        let former = stage
        stage = .closed
        let client = self.client
        self.client = nil
        switch former {
        case .idle: replica.forget(self)
        case .awaitingHead: client?.upstreamFailed(self, wasReset ? .reset : .closed)
        case .relaying:
            if body.framing == .untilClose, !wasReset {
                client?.answerEnded(keepsClient: false)
            } else {
                client?.upstreamFailed(self, .closed)
            }
        case .connecting, .closed: break
        }
    }
}

// The answer.
extension UpstreamConnection {
    private func readHead(_ buffer: ByteBuffer) {
        if pending.readableBytes == 0 {
            pending = buffer
        } else {
            var more = buffer
            pending.writeBuffer(&more)
        }
        while stage == .awaitingHead, pending.readableBytes > 0, readOneHead() {}
    }

    /// Whether a whole head was read.
    private func readOneHead() -> Bool {
        guard let client else { return false }
        let bytes = pending
        pending = ByteBuffer()
        let found: (AnswerHead, ClientConnection.Verdict)?
        do throws(HeadFault) {
            found = try bytes.withUnsafeReadableBytes {
                (raw) throws(HeadFault) -> (AnswerHead, ClientConnection.Verdict)? in
                let head = try AnswerHeadParser.parse(
                    raw, scanned: scanned, limitBytes: lane.limits.maxHeadBytes, answersHead: answersHead,
                    into: &lane.fields)
                guard let head else { return nil }
                return (head, client.answerBegan(head, raw, lane.fields))
            }
        } catch {
            fail(.malformed)
            return false
        }
        guard let (head, verdict) = found else {
            scanned = bytes.readableBytes
            pending = bytes
            return false
        }
        scanned = 0
        take(head, verdict, bytes, client)
        return true
    }

    private func take(
        _ head: AnswerHead, _ verdict: ClientConnection.Verdict, _ bytes: ByteBuffer, _ client: ClientConnection
    ) {
        var rest = bytes
        switch verdict {
        case .skip:
            rest.moveReaderIndex(forwardBy: head.length)
            pending = rest
        case .passRaw:
            if let raw = rest.readSlice(length: head.length) { client.relayRaw(raw) }
            pending = rest
            if !head.isInterim { beginBody(head) }
        case .relay:
            rest.moveReaderIndex(forwardBy: head.length)
            pending = rest
            beginBody(head)
        case .reject(let refusal):
            close()
            client.answerRejected(refusal)
        }
    }

    private func beginBody(_ head: AnswerHead) {
        body = AnswerBody(head.framing)
        keepsAlive = head.keepsAlive && head.status != 101
        stage = .relaying
        let rest = pending
        pending = ByteBuffer()
        if body.isEmpty {
            finish(leftover: rest.readableBytes)
        } else if rest.readableBytes > 0 {
            relay(rest)
        }
    }

    private func relay(_ buffer: ByteBuffer) {
        guard let client else { return }
        let tap = client.answer.tap
        let progress = buffer.withUnsafeReadableBytes { body.read($0, tap: tap) }
        client.relay(buffer, progress)
        switch progress.end {
        case .more: break
        case .ended: finish(leftover: buffer.readableBytes - progress.taken)
        case .malformed: fail(.malformed)
        }
    }

    private func finish(leftover: Int) {
        guard let client else { return close() }
        self.client = nil
        if keepsAlive, leftover == 0, client.mayKeepUpstream {
            stage = .idle
            replica.keep(self, now: lane.now)
            // Reading may have been held for the client that is now gone.
            resumeReading()
        } else {
            close()
        }
        client.answerEnded(keepsClient: keepsAlive)
    }

    private func fail(_ fault: UpstreamFault) {
        let client = self.client
        close()
        client?.upstreamFailed(self, fault)
    }
}

import NIOCore
import NIOPosix

// Opening, lending and closing.
extension UpstreamConnection {
    /// Connects for `client`, whose upstream it is from now on. The client is told how that went, perhaps before this
    /// returns: where the kernel refuses at once.
    static func open(_ lane: Lane, _ replica: Replica, for client: ClientConnection) {
        let connection = UpstreamConnection(lane: lane, replica: replica)
        connection.client = client
        client.upstream = connection
        let bound = NIOLoopBound(connection, eventLoop: lane.loop)
        let limits = lane.limits
        let bootstrap = ClientBootstrap(group: lane.loop)
            .connectTimeout(limits.upstreamConnect)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(
                .writeBufferWaterMark, value: .init(low: limits.writeBufferLowBytes, high: limits.writeBufferHighBytes)
            )
            .channelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 1024, maximum: 32_768)
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

    func ended() {
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

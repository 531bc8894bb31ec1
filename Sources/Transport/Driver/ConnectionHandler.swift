import NIOCore
import NIOTLS

/// One connection, on its event loop: sends a request, reads its answer, then waits in the pool for the next.
///
/// ```
/// opening ──▶ idle ⇄ running ──▶ closed
/// ```
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        /// The TLS handshake runs; the exchange that wanted the connection waits.
        case opening(Exchange?)
        case idle
        case running(Run)
        /// With what went wrong before anybody wanted the connection.
        case closed(TransportError?)
    }

    private let origin: Origin
    private let pool: ConnectionPool
    private var state: State
    private var context: ChannelHandlerContext?

    init(origin: Origin, pool: ConnectionPool) {
        self.origin = origin
        self.pool = pool
        state = origin.isSecure ? .opening(nil) : .idle
    }

    /// Takes the exchange over; false when the connection is of no more use and another is needed.
    func begin(_ exchange: Exchange, reused: Bool) -> Bool {
        guard let context, context.channel.isActive else { return false }
        switch state {
        case .opening(nil):
            state = .opening(exchange)
            return true
        case .idle where reused && PeerClose.hasHappened(on: context.channel):
            stop()
            return false
        case .idle:
            start(exchange, reused: reused, context)
            return true
        case .opening, .running, .closed: return false
        }
    }

    /// Why the connection came to nothing.
    var failure: TransportError {
        if case .closed(let failure?) = state { return failure }
        return .connect("\(origin) closed the connection at once")
    }

    /// The TLS handshake took longer than the connection may.
    func expireHandshake() {
        guard case .opening(let exchange) = state else { return }
        stop()
        exchange?.expire("no TLS handshake with \(origin) in time")
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent, case .opening(let exchange) = state {
            state = .idle
            if let exchange { start(exchange, reused: false, context) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        // Bytes that nobody asked for end a kept connection.
        guard case .running(let run) = state else { return stop() }
        let bytes = buffer.readBytes(length: buffer.readableBytes) ?? []
        do throws(TransportError) {
            for event in try run.read(bytes) { handle(event, run, context) }
        } catch {
            stop()
            run.fail(error)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let last = state
        if case .closed = last {} else { state = .closed(nil) }
        pool.forget(context.channel, of: origin)
        switch last {
        case .opening(let exchange):
            exchange?.fail(.connect("\(origin) closed the connection during the TLS handshake"))
        case .running(let run): run.connectionEnded()
        case .idle, .closed: break
        }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let last = state
        switch last {
        case .opening(let exchange):
            let failure = ConnectFailure.handshake(error, with: origin)
            stop(failure)
            exchange?.fail(failure)
        case .running(let run):
            // An unclean TLS end is an end like another; how much it cut off shows in the framing.
            if TransportSecurity.isUncleanEnd(error) {
                run.isCut = true
            } else {
                stop()
                run.connectionFailed(error)
            }
        case .idle, .closed: stop()
        }
    }

    private func start(_ exchange: Exchange, reused: Bool, _ context: ChannelHandlerContext) {
        guard exchange.send(on: context.channel) else { return keep(context) }
        let run = Run(exchange: exchange, reused: reused)
        state = .running(run)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess { run.isWritten = true }
        let head = wrapOutboundOut(ByteBuffer(bytes: exchange.order.bytes))
        guard exchange.order.upload != nil else { return context.writeAndFlush(head, promise: written) }
        context.write(head, promise: nil)
        upload(run, written, context)
    }

    /// Writes as much of a long body as the server takes, and goes on when it takes more.
    private func upload(_ run: Run, _ written: EventLoopPromise<Void>, _ context: ChannelHandlerContext) {
        guard case .running(let current) = state, current === run, let upload = run.exchange.order.upload else {
            return written.fail(TransportError.cancelled)
        }
        do {
            guard let piece = try upload.next() else { return context.writeAndFlush(empty, promise: written) }
            let taken = context.eventLoop.makePromise(of: Void.self)
            taken.futureResult.assumeIsolated().whenComplete { result in
                if case .failure(let error) = result { return written.fail(error) }
                self.upload(run, written, context)
            }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: piece)), promise: taken)
        } catch {
            written.fail(error)
            stop()
            run.fail(.reset("the body could not be read: \(error)", mayHaveBegun: true))
        }
    }

    private var empty: NIOAny { wrapOutboundOut(ByteBuffer()) }

    private func handle(_ event: HTTPResponseParser.Event, _ run: Run, _ context: ChannelHandlerContext) {
        switch event {
        case .head(let head):
            run.receive(head, on: context.eventLoop)
        case .body(let bytes):
            if run.exchange.receive(bytes) == .pause {
                try? context.channel.syncOptions?.setOption(.autoRead, value: false)
            }
        case .end(let reusable):
            run.end()
            // The pool first, so that the caller's next request finds the connection there.
            if reusable, run.isWritten, context.channel.isActive { keep(context, run) } else { stop() }
            run.exchange.finish()
        }
    }

    private func keep(_ context: ChannelHandlerContext, _ run: Run? = nil) {
        state = .idle
        try? context.channel.syncOptions?.setOption(.autoRead, value: true)
        pool.keep(
            Connection(
                channel: context.channel, origin: origin, handler: NIOLoopBound(self, eventLoop: context.eventLoop),
                keepAlive: run?.keepAlive))
    }

    private func stop(_ failure: TransportError? = nil) {
        state = .closed(failure)
        context?.close(promise: nil)
    }
}

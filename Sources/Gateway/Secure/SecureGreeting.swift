import NIOCore
import NIOHTTP2
import NIOSSL
import NIOTLS

/// Waits for the end of a TLS handshake, then lets the connection speak what was agreed: HTTP/2 or HTTP/1.1.
///
/// ```
/// handshake ──h2──────────▶ HTTP2Connection
///     │  └────http/1.1────▶ ClientConnection
///     └─ too slow, failed ─▶ closed
/// ```
final class SecureGreeting: ChannelInboundHandler, RemovableChannelHandler, LaneGuest {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let lane: Lane
    private let deadline: NIODeadline
    /// It was accepted with one of the last descriptors.
    private let cameInShortage: Bool
    private var context: ChannelHandlerContext?
    var guestIndex = -1

    private init(_ lane: Lane) {
        self.lane = lane
        deadline = .now() + lane.limits.headDeadline
        cameInShortage = SpareDescriptors.areShort
    }

    /// Sets a connection up that has just been accepted.
    static func install(_ certificate: ServerCertificate, _ lane: Lane, on channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(PlainTextRefusal())
        try pipeline.addHandler(NIOSSLServerHandler(context: certificate.context))
        try pipeline.addHandler(SecureGreeting(lane))
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        lane.leave(self)
    }

    func channelActive(context: ChannelHandlerContext) {
        // Whoever could not be served will not be shaken hands with.
        guard !cameInShortage, lane.hasRoomForHandshake else { return context.close(promise: nil) }
        lane.welcome(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        lane.leave(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case TLSUserEvent.handshakeCompleted(let name)? = event as? TLSUserEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        do {
            if name == "h2" {
                try HTTP2Connection.install(lane, on: context.channel)
            } else {
                try context.pipeline.syncOperations.addHandler(ClientConnection(lane: lane))
                // It was not there when the connection opened.
                context.fireChannelActive()
            }
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    func checkDeadlines(_ now: NIODeadline) {
        guard now >= deadline else { return }
        lane.counters.deadlinesPassed += 1
        close()
    }

    func drain() { close() }

    func close() { context?.close(promise: nil) }
}

extension Lane {
    /// Handshakes count against the connections of a loop, so that they cannot be opened without end.
    var hasRoomForHandshake: Bool {
        !isDraining && guests.count < limits.maxConnections
    }
}

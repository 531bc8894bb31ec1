import Logging
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One HTTP/2 connection: it opens a ``ClientConnection`` for each stream and knows when none is left.
///
/// ```
///          idle too long, draining             no stream, and the client knows
/// serving ────────────────────────▶ leaving ──────────────────────────────────▶ closed
///     └──────── it broke the protocol, it closed ──────────────────────────────────▲
/// ```
/// While the loop drains, a connection leaves when its last stream is over, or when it opens another one: some clients
/// take GOAWAY for the end of the streams they have. `leaving` has sent GOAWAY and a PING: once that is answered the
/// client has seen the GOAWAY and opens no more streams. It is waited for no longer than ``GatewayLimits/linger``.
final class HTTP2Connection: ChannelInboundHandler, LaneGuest {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private enum Stage {
        case serving, leaving(isKnown: Bool), closed
    }

    private let lane: Lane
    private var stage = Stage.serving
    private var context: ChannelHandlerContext?
    private var openStreams = 0
    private var deadline: NIODeadline
    var guestIndex = -1

    private init(_ lane: Lane) {
        self.lane = lane
        deadline = .now() + lane.limits.clientIdle
    }

    private static let farewell = HTTP2PingData(withInteger: 0x696B_2D62_7965)

    /// Lets a connection that is open speak HTTP/2.
    static func install(_ lane: Lane, on channel: any Channel) throws {
        let connection = HTTP2Connection(lane)
        let bound = NIOLoopBound(connection, eventLoop: lane.loop)
        let pipeline = channel.pipeline.syncOperations
        _ = try pipeline.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: lane.limits.http2Connection,
            streamConfiguration: lane.limits.http2Streams
        ) { stream in
            stream.eventLoop.makeCompletedFuture { try bound.value.open(stream) }
        }
        try pipeline.addHandler(connection)
        lane.welcome(connection)
        if lane.isDraining { connection.drain() }
    }

    private func open(_ stream: any Channel) throws {
        let client = ClientConnection(lane: lane)
        let translator = HTTP2Stream(client: client, connection: self)
        try stream.pipeline.syncOperations.addHandlers([translator, client])
        openStreams += 1
        if lane.isDraining { leave() }
    }

    func streamClosed() {
        openStreams -= 1
        guard openStreams == 0 else { return }
        switch stage {
        case .serving:
            deadline = .now() + lane.limits.clientIdle
            if lane.isDraining { leave() }
        case .leaving(let isKnown):
            deadline = .now() + lane.limits.linger
            // What was written last is flushed by whoever wrote it, after this.
            if isKnown { lane.loop.assumeIsolated().execute { self.closeIfDone() } }
        case .closed: break
        }
    }

    private func closeIfDone() { if openStreams == 0 { close() } }

    func checkDeadlines(_ now: NIODeadline) {
        guard openStreams == 0, now >= deadline else { return }
        switch stage {
        case .serving:
            lane.counters.deadlinesPassed += 1
            leave()
        case .leaving: close()
        case .closed: break
        }
    }

    func drain() { if openStreams == 0 { leave() } }

    private func leave() {
        guard case .serving = stage, let context else { return }
        stage = .leaving(isKnown: false)
        deadline = .now() + lane.limits.linger
        let leave = HTTP2Frame.FramePayload.goAway(lastStreamID: .maxID, errorCode: .noError, opaqueData: nil)
        for payload in [leave, .ping(Self.farewell, ack: false)] {
            context.write(Self.wrapOutboundOut(HTTP2Frame(streamID: .rootStream, payload: payload)), promise: nil)
        }
        context.flush()
    }

    func close() { context?.close(promise: nil) }
}

// What happens on the connection itself.
extension HTTP2Connection {
    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelInactive(context: ChannelHandlerContext) {
        stage = .closed
        lane.leave(self)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .ping(Self.farewell, ack: true) = Self.unwrapInboundIn(data).payload,
            case .leaving = stage
        else { return }
        stage = .leaving(isKnown: true)
        closeIfDone()
    }

    /// A fault of one stream has ended that stream; any other fault ends the connection, whose client has been told why
    /// in a GOAWAY.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !HTTP2Fault.isOfOneStream(error) else { return }
        lane.logger.debug("an HTTP/2 connection is closed for what its client did", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }
}

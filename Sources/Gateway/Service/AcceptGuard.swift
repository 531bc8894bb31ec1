import Logging
import NIOCore

/// Stands on a listening socket and takes its errors. Out of descriptors, the spare ones let clients in to be told so;
/// while all of those are in use the socket is left alone, since it would be ready again at once, for ever.
final class AcceptGuard: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let lane: Lane
    private var isPaused = false
    private var warnedAt = NIODeadline.distantPast

    /// How long a listener rests when a client cannot even be told.
    static let pause: TimeAmount = .milliseconds(20)
    /// How often it is logged that there are no descriptors.
    static let warningInterval: TimeAmount = .seconds(10)

    init(_ lane: Lane) { self.lane = lane }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard SpareDescriptors.isCause(of: error) else {
            // A client that left before it was accepted, or a fault that closes the listener by itself.
            return lane.logger.debug("a connection could not be accepted", metadata: ["error": "\(error)"])
        }
        let now = NIODeadline.now()
        if now - warnedAt > Self.warningInterval {
            warnedAt = now
            lane.logger.warning(
                "out of file descriptors: new clients are turned away",
                metadata: ["error": "\(error)", "fix": "raise the limit (ulimit -n, LimitNOFILE of systemd)"])
        }
        if !lane.descriptors.spend() { rest(context) }
    }

    private func rest(_ context: ChannelHandlerContext) {
        guard !isPaused, let options = context.channel.syncOptions else { return }
        isPaused = true
        try? options.setOption(.autoRead, value: false)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            self.isPaused = false
            try? options.setOption(.autoRead, value: true)
            // The channel still counts the read that failed as one under way, and would not begin another.
            context.read()
        }
    }
}

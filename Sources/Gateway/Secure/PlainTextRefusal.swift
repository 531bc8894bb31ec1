import InferenceKeyWire
import NIOCore

/// Stands before TLS and looks at the first byte of a connection: who speaks plain HTTP to a port with TLS is told so in
/// plain HTTP, where a TLS alert would be gibberish.
final class PlainTextRefusal: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A TLS record of the handshake.
    private static let handshakeRecord: UInt8 = 22
    private var hasRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = Self.unwrapInboundIn(data)
        guard !hasRefused, let first = buffer.readableBytesView.first else { return }
        guard first == Self.handshakeRecord else { return refuse(context) }
        context.fireChannelRead(data)
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    private func refuse(_ context: ChannelHandlerContext) {
        hasRefused = true
        var answer = OwnAnswer(
            refusal: Refusal(.invalidRequest, "this port speaks TLS: use https:// in place of http://"))
        answer.closes = true
        var out = context.channel.allocator.buffer(capacity: 512)
        answer.write(into: &out) { _ in }
        context.writeAndFlush(Self.wrapOutboundOut(out), promise: nil)
        context.close(promise: nil)
    }
}

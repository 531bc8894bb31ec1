import NIOCore
import NIOHTTP2

/// One stream of an HTTP/2 connection, as the ``ClientConnection`` behind it knows connections: the request's frames go
/// there as the bytes of an HTTP/1.1 request, and the answer's bytes come back as frames. One relay serves both.
///
/// ```
///            HEADERS           DATA*             END_STREAM, trailers
/// request: ─────────▶ reading ───────▶ reading ──────────────────────▶ ended
///            head              body*             its framing is over
/// answer:  ─────────▶ body    ───────▶ body    ──────────────────────▶ ended
/// ```
/// A stream whose answer ended before its request is reset with `NO_ERROR`; one that must be cut, with `INTERNAL_ERROR`.
final class HTTP2Stream: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let client: ClientConnection
    private let connection: HTTP2Connection
    private var hasHead = false
    private var requestEnded = false
    private var addsChunks = false
    /// The answer, on its way to frames.
    private var answer = HTTP2Answer()
    /// The last frame of the answer has been handed to the network.
    private var hasSentAll = false
    private var resetsWhenSent = false
    /// Who waits for that.
    private var awaitsAllSent: EventLoopPromise<Void>?

    init(client: ClientConnection, connection: HTTP2Connection) {
        self.client = client
        self.connection = connection
    }

    func channelInactive(context: ChannelHandlerContext) {
        awaitsAllSent?.fail(ChannelError.ioOnClosedChannel)
        awaitsAllSent = nil
        context.fireChannelInactive()
        connection.streamClosed()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .headers(let headers):
            if !hasHead { readHead(context, headers) } else if headers.endStream { endRequest(context) }
        case .data(let data):
            if case .byteBuffer(let bytes) = data.data, bytes.readableBytes > 0 { readBody(context, bytes) }
            if data.endStream { endRequest(context) }
        default: break
        }
    }

    private func readHead(_ context: ChannelHandlerContext, _ headers: HTTP2Frame.FramePayload.Headers) {
        hasHead = true
        var bytes = context.channel.allocator.buffer(capacity: 512)
        do throws(HeadFault) {
            let head = try HTTP2RequestHead(headers.headers, hasBody: !headers.endStream, into: &bytes)
            addsChunks = head.addsChunks
            answer.answersHead = head.isHead
            context.fireChannelRead(Self.wrapInboundOut(bytes))
            if headers.endStream { endRequest(context) }
        } catch {
            requestEnded = headers.endStream
            client.refuseHead(error)
        }
    }

    private func readBody(_ context: ChannelHandlerContext, _ bytes: ByteBuffer) {
        guard addsChunks else { return context.fireChannelRead(Self.wrapInboundOut(bytes)) }
        context.fireChannelRead(
            Self.wrapInboundOut(ByteBuffer(string: String(bytes.readableBytes, radix: 16) + "\r\n")))
        context.fireChannelRead(Self.wrapInboundOut(bytes))
        context.fireChannelRead(Self.wrapInboundOut(ByteBuffer(staticString: "\r\n")))
    }

    private func endRequest(_ context: ChannelHandlerContext) {
        guard !requestEnded else { return }
        requestEnded = true
        if addsChunks { context.fireChannelRead(Self.wrapInboundOut(ByteBuffer(staticString: "0\r\n\r\n"))) }
    }
}

// The answer.
extension HTTP2Stream {
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let bytes = Self.unwrapOutboundIn(data)
        let frames: [HTTP2Frame.FramePayload]
        do throws(HTTP2Answer.Broken) { frames = try answer.take(bytes) } catch {
            promise?.fail(error)
            return reset(context, .internalError, promise: nil)
        }
        send(frames, context, promise)
    }

    private func send(
        _ frames: [HTTP2Frame.FramePayload], _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?
    ) {
        guard let last = frames.last else { return wrote(nothing: promise) }
        for frame in frames.dropLast() { context.write(Self.wrapOutboundOut(frame), promise: nil) }
        guard answer.hasEnded else { return context.write(Self.wrapOutboundOut(last), promise: promise) }
        let sent = promise ?? context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenSuccess { self.sentAll(context) }
        context.write(Self.wrapOutboundOut(last), promise: sent)
    }

    /// Nothing is left to send for what was written: done when what was written before is sent.
    private func wrote(nothing promise: EventLoopPromise<Void>?) {
        guard answer.hasEnded, !hasSentAll, let promise else { return promise?.succeed() ?? () }
        if let awaitsAllSent { awaitsAllSent.futureResult.cascade(to: promise) } else { awaitsAllSent = promise }
    }

    private func sentAll(_ context: ChannelHandlerContext) {
        hasSentAll = true
        awaitsAllSent?.succeed()
        awaitsAllSent = nil
        if resetsWhenSent { reset(context, .noError, promise: nil) }
    }

    /// Half a close is the end of an answer that lasts until then; a request that goes on is of no more interest.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .output else {
            // What is over on both sides closes by itself, with nothing more to say.
            if hasSentAll, requestEnded { return context.close(promise: promise) }
            return reset(context, hasSentAll ? .noError : .internalError, promise: promise)
        }
        send(answer.close(), context, nil)
        context.flush()
        promise?.succeed()
        guard answer.hasEnded else { return reset(context, .internalError, promise: nil) }
        guard !requestEnded else { return }
        if hasSentAll { reset(context, .noError, promise: nil) } else { resetsWhenSent = true }
    }

    private func reset(
        _ context: ChannelHandlerContext, _ code: HTTP2ErrorCode, promise: EventLoopPromise<Void>?
    ) {
        context.writeAndFlush(Self.wrapOutboundOut(.rstStream(code)), promise: nil)
        // It is closed by then, unless the connection under it is in trouble.
        context.close(promise: promise)
    }
}

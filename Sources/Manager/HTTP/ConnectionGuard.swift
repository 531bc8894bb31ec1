import InferenceKeyWire
import NIOCore
import NIOHTTP1

/// Stands between the HTTP parser and Hummingbird on every connection: cuts clients that drip, stall or send too much,
/// answers a malformed request in our own form, and grants `Expect: 100-continue`.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let timings: ManagerTimings
    private let bodyLimits: UploadLimits
    private let requestID: () -> String
    private var reading: Scheduled<Void>?
    private var writing: Scheduled<Void>?
    private var unanswered = 0
    private var hasBegunAnswer = false
    private var isBroken = false
    private var bodyBytes = 0
    /// A body of which more than this arrives is not worth draining.
    private var maxBodyBytes = UploadLimits.maxDrainedBytes
    /// When the body must be here.
    private var bodyDeadline = NIODeadline.distantFuture
    private var isUpload: Bool { maxBodyBytes > UploadLimits.maxDrainedBytes }

    init(timings: ManagerTimings, bodyLimits: UploadLimits, requestID: @escaping () -> String) {
        self.timings = timings
        self.bodyLimits = bodyLimits
        self.requestID = requestID
    }

    func handlerAdded(context: ChannelHandlerContext) { expectHead(within: timings.requestDeadline, context) }

    func handlerRemoved(context: ChannelHandlerContext) { disarm() }

    func channelInactive(context: ChannelHandlerContext) {
        disarm()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isBroken else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            unanswered += 1
            bodyBytes = 0
            maxBodyBytes = bodyLimits.maxBytes(of: head)
            bodyDeadline = .now() + .milliseconds(timings.requestDeadline.milliseconds)
            awaitBody(context)
            if head.headers["expect"].contains(where: { $0.lowercased() == "100-continue" }) { proceed(context) }
        case .body(let bytes):
            bodyBytes += bytes.readableBytes
            if bodyBytes > maxBodyBytes { return context.close(promise: nil) }
            // What arrives earns the rest of the upload more time.
            if isUpload { bodyDeadline = bodyDeadline + bodyLimits.time(for: bytes.readableBytes) }
        case .end:
            reading?.cancel()
            reading = nil
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head: hasBegunAnswer = true
        case .body: break
        case .end:
            hasBegunAnswer = false
            unanswered -= 1
            if unanswered == 0, reading == nil { expectHead(within: timings.idleConnection, context) }
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            writing?.cancel()
            writing = nil
        } else {
            arm(&writing, timings.stalledWrite, context)
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        isBroken = true
        disarm()
        // Behind a request that said it was the last one nobody waits for an answer.
        guard !hasBegunAnswer, error != .closedConnection else { return context.close(promise: nil) }
        refuse(error, context)
    }

    private func proceed(_ context: ChannelHandlerContext) {
        let head = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
    }

    private func refuse(_ error: HTTPParserError, _ context: ChannelHandlerContext) {
        let isTooLong = error == .headerOverflow
        let refusal =
            isTooLong
            ? ServiceError(.headersTooLarge, "the head of the request is larger than \(Self.maxHeadBytes) bytes")
            : ServiceError(.invalidRequest, "this is no valid HTTP/1.1 request")
        let id = requestID()
        let body = ByteBuffer(bytes: refusal.controlBody(requestID: id).bytes)
        let headers: HTTPHeaders = [
            "content-type": "application/json", "content-length": String(body.readableBytes), "x-request-id": id,
            "connection": "close",
        ]
        let status = HTTPResponseStatus(statusCode: refusal.code.status)
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            loopBound.value.close(promise: nil)
        }
    }

    /// Heads larger than this are refused.
    static let maxHeadBytes = 64 << 10

    private func expectHead(within time: Duration, _ context: ChannelHandlerContext) { arm(&reading, time, context) }

    /// Looks again when the body could be late: one timer a request, not one a piece.
    private func awaitBody(_ context: ChannelHandlerContext) {
        reading?.cancel()
        let channel = context.channel
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        reading = context.eventLoop.scheduleTask(deadline: bodyDeadline) {
            let (guardian, context) = loopBound.value
            if guardian.bodyDeadline > .now() { guardian.awaitBody(context) } else { channel.close(promise: nil) }
        }
    }

    private func arm(_ timer: inout Scheduled<Void>?, _ time: Duration, _ context: ChannelHandlerContext) {
        timer?.cancel()
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: .milliseconds(time.milliseconds)) { channel.close(promise: nil) }
    }

    private func disarm() {
        reading?.cancel()
        writing?.cancel()
        reading = nil
        writing = nil
    }
}

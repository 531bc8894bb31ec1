import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// Hummingbird's HTTP/1.1 connection with a ``ConnectionGuard`` in front of it.
struct GuardedChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let base: HTTP1Channel
    let timings: ManagerTimings
    let bodyLimits: UploadLimits
    let requestID: @Sendable () -> String

    init(
        timings: ManagerTimings, bodyLimits: UploadLimits, requestID: @escaping @Sendable () -> String,
        responder: @escaping HTTPChannelHandler.Responder
    ) {
        let limits = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: 16 << 10, maxHeaderListSize: ConnectionGuard.maxHeadBytes, maxHeaderFieldCount: 100)
        base = HTTP1Channel(responder: responder, configuration: .init(httpDecoderConfiguration: limits))
        self.timings = timings
        self.bodyLimits = bodyLimits
        self.requestID = requestID
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(
                ConnectionGuard(timings: timings, bodyLimits: bodyLimits, requestID: requestID),
                position: .after(decoder))
            return value
        }
    }

    func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

import NIOCore
import NIOHTTP2

extension GatewayLimits {
    /// What one HTTP/2 connection may do. Floods are answered with GOAWAY and the end of the connection: of resets
    /// (CVE-2023-44487), of CONTINUATION frames, of PING and SETTINGS, of empty DATA, of malformed streams.
    var http2Connection: NIOHTTP2Handler.ConnectionConfiguration {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: maxStreams),
            HTTP2Setting(parameter: .initialWindowSize, value: streamWindowBytes),
            // Above the limit of a head, which answers 431 where this one ends the connection.
            HTTP2Setting(parameter: .maxHeaderListSize, value: 2 * maxHeadBytes),
            HTTP2Setting(parameter: .enableConnectProtocol, value: 0),
        ]
        configuration.targetWindowSize = connectionWindowBytes
        configuration.maximumSequentialContinuationFrames = Self.maxContinuations
        configuration.maximumBufferedControlFrames = Self.maxWaitingControlFrames
        configuration.controlFrameRateLimit.maximumCount = maxControlFrames
        configuration.controlFrameRateLimit.windowLength = frameWindow
        return configuration
    }

    /// What the streams of one HTTP/2 connection may do.
    var http2Streams: NIOHTTP2Handler.StreamConfiguration {
        var configuration = NIOHTTP2Handler.StreamConfiguration()
        configuration.targetWindowSize = streamWindowBytes
        configuration.outboundBufferSizeHighWatermark = writeBufferHighBytes
        configuration.outboundBufferSizeLowWatermark = writeBufferLowBytes
        configuration.streamResetFrameRateLimit.maximumCount = maxResets
        configuration.streamResetFrameRateLimit.windowLength = frameWindow
        return configuration
    }

    /// Enough for the longest list in frames of the usual 16 KiB.
    private static let maxContinuations = 16
    /// Answers to PING and SETTINGS that wait for a client that does not read.
    private static let maxWaitingControlFrames = 1000
}

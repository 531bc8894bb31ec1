package import NIOCore

/// Every limit and deadline of the Gateway. Deadlines are looked at a few times a second, so each may be late by
/// ``sweepInterval``, and by half a second for each thousand connections that pass one at once.
package struct GatewayLimits: Sendable {
    /// A request's head; more is answered 431.
    package var maxHeadBytes = 64 << 10
    /// A request's body on the data plane; more is answered 413, before it is read where its length is declared.
    package var maxBodyBytes = 64 << 20
    /// Bodies held in memory by one loop, all requests together; past it new ones are answered 503.
    package var maxHeldBodyBytes = 512 << 20
    /// Client connections of one loop; past it new ones are answered 503.
    package var maxConnections = 16_384
    /// Bytes of following requests that are read while one is being answered.
    package var maxPipelinedBytes = 64 << 10
    /// A body that nobody wants any more is read to its end up to this, to keep the connection.
    package var maxDiscardedBytes = 1 << 20
    /// An unfinished event of a stream is held back up to this.
    package var maxHeldEventBytes = 64 << 10
    /// Tries on different replicas for one request.
    package var maxAttempts = 3

    /// Streams that one HTTP/2 connection may have open.
    package var maxStreams = 128
    /// What an HTTP/2 client may send ahead on one stream, and on all of a connection.
    package var streamWindowBytes = 256 << 10
    package var connectionWindowBytes = 1 << 20
    /// Streams that one HTTP/2 client may reset within ``frameWindow``.
    package var maxResets = 1000
    /// PING, SETTINGS and PRIORITY frames of one HTTP/2 client within ``frameWindow``.
    package var maxControlFrames = 600
    package var frameWindow: TimeAmount = .seconds(30)

    /// From the first byte of a head, or from the opening of a connection, to the head's end.
    package var headDeadline: TimeAmount = .seconds(15)
    /// From the head's end to the body's end.
    package var bodyDeadline: TimeAmount = .seconds(300)
    /// Between two pieces of a body.
    package var bodyIdle: TimeAmount = .seconds(30)
    /// From the end of a head to the end of its body, on the control plane.
    package var controlBodyDeadline: TimeAmount = .seconds(15)
    /// A longer one is taken as long as it arrives at this rate at least, bytes a second.
    package var minControlBytesPerSecond = 16 << 10
    /// Between two requests on one connection.
    package var clientIdle: TimeAmount = .seconds(75)
    /// A client takes nothing of its answer.
    package var writeStall: TimeAmount = .seconds(60)
    /// After the last answer on a connection, until the client closes it too.
    package var linger: TimeAmount = .seconds(2)

    package var upstreamConnect: TimeAmount = .seconds(5)
    /// From the request to the head of the answer, and on to the first byte of its body.
    package var upstreamHead: TimeAmount = .seconds(600)
    /// Between two pieces of an answer.
    package var upstreamIdle: TimeAmount = .seconds(120)
    /// How long an idle connection is kept: shorter than the 5 s after which the engines' servers close theirs.
    package var upstreamKeepAlive: TimeAmount = .seconds(4)
    /// A kept connection that closes within this time of a request, without a byte of an answer, was closing already.
    package var staleWindow: TimeAmount = .milliseconds(250)
    /// When a replica that lets requests down gets none for a while.
    package var health = HealthRules()

    /// How often the files of the certificate are looked at.
    package var certificateCheck: TimeAmount = .seconds(2)
    /// How often deadlines are looked at.
    package var sweepInterval: TimeAmount = .milliseconds(250)
    /// How long a graceful shutdown waits for requests in flight.
    package var drain: TimeAmount = .seconds(30)

    /// What may wait to be written to one connection before its source is held back, and where it is let go again.
    package var writeBufferHighBytes = 32 << 10
    package var writeBufferLowBytes = 8 << 10

    package init() {}
}

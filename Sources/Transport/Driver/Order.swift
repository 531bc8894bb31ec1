import NIOCore

/// What one connection leads to.
struct Origin: Sendable, Hashable, CustomStringConvertible {
    var isSecure: Bool
    var host: String
    var port: Int

    init(_ base: BaseURL) {
        isSecure = base.isSecure
        host = base.host
        port = base.port
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A request ready for the wire.
struct Order: Sendable {
    var bytes: [UInt8]
    /// What follows ``bytes``.
    var upload: HTTPUpload?
    var method: String
    var origin: Origin
    var timeouts: HTTPTimeouts
    /// When `timeouts.total` has passed.
    var deadline: NIODeadline?

    init(bytes: [UInt8], method: String, origin: Origin, timeouts: HTTPTimeouts) {
        self.bytes = bytes
        self.method = method
        self.origin = origin
        self.timeouts = timeouts
        deadline = timeouts.total.map { .now() + TimeAmount($0) }
    }
}

/// How the body is handed over.
enum Delivery: Sendable, Hashable {
    /// All at once, at the end.
    case whole(maxBytes: Int)
    /// Piece by piece, at most ``ExchangeState/maxBufferedBytes`` ahead of the consumer.
    case streamed
}

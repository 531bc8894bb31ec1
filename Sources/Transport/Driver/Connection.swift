import NIOCore

/// An open connection that waits in the pool.
struct Connection: Sendable {
    let channel: any Channel
    let origin: Origin
    let handler: NIOLoopBound<ConnectionHandler>
    /// When it is not to be used any more.
    let expires: NIODeadline

    init(channel: any Channel, origin: Origin, handler: NIOLoopBound<ConnectionHandler>, keepAlive: Duration?) {
        self.channel = channel
        self.origin = origin
        self.handler = handler
        expires = .now() + TimeAmount(PoolLimits.idleTime(announced: keepAlive))
    }
}

/// What the pool keeps, and for how long.
struct PoolLimits: Sendable, Hashable {
    /// A connection idle for longer is closed instead of used.
    static let maxIdle = Duration.seconds(30)
    /// This much before the server would close it by its own word.
    static let margin = Duration.milliseconds(500)

    /// Connections per host.
    var maxIdlePerHost = 64

    static func idleTime(announced: Duration?) -> Duration {
        guard let announced else { return maxIdle }
        return min(maxIdle, max(.zero, announced - margin))
    }
}

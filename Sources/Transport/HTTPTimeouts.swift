/// How long to wait for what.
package struct HTTPTimeouts: Sendable, Hashable {
    /// Name look-up, connection and TLS handshake together.
    package var connect: Duration
    /// From the call to the last byte of `send`, or to the head of `open`; nil waits for ever.
    package var total: Duration?
    /// Between two pieces of a body, while we are ready to take one.
    package var idle: Duration

    package init(
        connect: Duration = .seconds(5), total: Duration? = .seconds(600), idle: Duration = .seconds(120)
    ) {
        self.connect = connect
        self.total = total
        self.idle = idle
    }
}

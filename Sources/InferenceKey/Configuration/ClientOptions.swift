/// How patiently a client works. Set per client, or per call with `with(_:)`.
public struct ClientOptions: Sendable, Hashable {
    /// How often a request is sent again at most.
    public var maxRetries: Int
    /// Name look-up, connection and TLS handshake together.
    public var connectTimeout: Duration
    /// A whole call that does not stream, its retries included; for a stream, until it opens.
    public var requestTimeout: Duration
    /// Between two pieces of a stream.
    public var streamIdleTimeout: Duration

    public init(
        maxRetries: Int = 2, connectTimeout: Duration = .seconds(5), requestTimeout: Duration = .seconds(600),
        streamIdleTimeout: Duration = .seconds(120)
    ) {
        self.maxRetries = maxRetries
        self.connectTimeout = connectTimeout
        self.requestTimeout = requestTimeout
        self.streamIdleTimeout = streamIdleTimeout
    }
}

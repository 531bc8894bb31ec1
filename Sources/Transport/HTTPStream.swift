/// An answer whose body is read as it arrives. For one consumer at a time.
///
/// Dropping the last copy before the end closes the connection, as ``cancel()`` does.
package struct HTTPStream: Sendable {
    package let head: HTTPHead
    private let body: Body

    /// - Parameter client: kept as long as the stream, so that dropping it does not end the stream.
    init(head: HTTPHead, exchange: Exchange, client: HTTPClient) {
        self.head = head
        body = Body(exchange: exchange, client: client)
    }

    /// The next bytes of the body, nil at its clean end. Cancelling the task closes the connection.
    package func next() async throws(TransportError) -> [UInt8]? {
        try await body.exchange.next().get()
    }

    /// Closes the connection; ``next()`` throws ``TransportError/cancelled`` from now on.
    package func cancel() { body.exchange.cancel() }

    /// Takes no more bytes. If the answer ends within a second the connection is kept for the next request.
    package func release() { body.exchange.release() }

    private final class Body: Sendable {
        let exchange: Exchange
        private let client: HTTPClient

        init(exchange: Exchange, client: HTTPClient) {
            self.exchange = exchange
            self.client = client
        }

        deinit { exchange.cancel() }
    }
}

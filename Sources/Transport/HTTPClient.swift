/// One HTTP/1.1 client with its own pool of connections. Safe to use from many tasks.
///
/// Redirects are not followed and the proxy variables of the environment are not read. After a `fork` the child opens
/// its own connections on its own event loop.
package final class HTTPClient: Sendable {
    private let timeouts: HTTPTimeouts
    private let pool: ConnectionPool

    /// - Parameter trustedCertificates: path of a PEM file to trust in place of the system's authorities.
    package init(timeouts: HTTPTimeouts = .init(), maxIdlePerHost: Int = 64, trustedCertificates: String? = nil) {
        self.timeouts = timeouts
        pool = ConnectionPool(
            limits: PoolLimits(maxIdlePerHost: maxIdlePerHost),
            security: TransportSecurity(trustedCertificates: trustedCertificates))
    }

    init(pool: ConnectionPool, timeouts: HTTPTimeouts = .init()) {
        self.timeouts = timeouts
        self.pool = pool
    }

    deinit { pool.close() }

    /// Sends the request and waits for the whole answer. Cancelling the task closes the connection.
    package func send(
        _ request: HTTPRequest, timeouts: HTTPTimeouts? = nil, maxBytes: Int = 64 << 20
    ) async throws(TransportError) -> HTTPAnswer {
        let (head, exchange) = try await run(request, timeouts ?? self.timeouts, .whole(maxBytes: maxBytes))
        return HTTPAnswer(head: head, body: exchange.takeBody())
    }

    /// Sends the request and waits for the head of the answer. Cancelling the task closes the connection.
    package func open(
        _ request: HTTPRequest, timeouts: HTTPTimeouts? = nil
    ) async throws(TransportError) -> HTTPStream {
        let (head, exchange) = try await run(request, timeouts ?? self.timeouts, .streamed)
        return HTTPStream(head: head, exchange: exchange, client: self)
    }

    /// Closes every connection; running requests fail, later ones are refused.
    package func shutdown() async { await pool.shutdown() }

    private func run(
        _ request: HTTPRequest, _ timeouts: HTTPTimeouts, _ delivery: Delivery
    ) async throws(TransportError) -> (HTTPHead, Exchange) {
        let order = Order(
            bytes: try request.bytes(), method: request.method, origin: Origin(request.base), timeouts: timeouts)
        var mayReuse = true
        while true {
            let exchange = Exchange(order: order, delivery: delivery)
            switch await exchange.head(startedBy: { [pool, mayReuse] in pool.run(exchange, mayReuse: mayReuse) }) {
            case .success(let head): return (head, exchange)
            case .failure(let error):
                // A kept connection that the server closed as we wrote: once more on a new one.
                guard exchange.wasStale, request.isReplayable, mayReuse else { throw error }
                mayReuse = false
            }
        }
    }
}

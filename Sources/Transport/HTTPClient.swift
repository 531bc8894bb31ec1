/// One HTTP/1.1 client with its own pool of connections. Safe to use from many tasks.
///
/// A plain `http` request of a task that a ``CallerLoop`` runs goes over a socket on the thread that drives the loop; every
/// other request goes over the event loops. Neither is set up before the first request that needs it.
///
/// Redirects are not followed and the proxy variables of the environment are not read. After a `fork` the child opens
/// its own connections on its own event loop.
package final class HTTPClient: Sendable {
    private let timeouts: HTTPTimeouts
    private let pool: ConnectionPool
    private let sockets: SocketDriver

    /// - Parameter trustedCertificates: path of a PEM file to trust in place of the system's authorities.
    package convenience init(
        timeouts: HTTPTimeouts = .init(), maxIdlePerHost: Int = 64, trustedCertificates: String? = nil
    ) {
        self.init(
            timeouts: timeouts, maxIdlePerHost: maxIdlePerHost, trustedCertificates: trustedCertificates,
            names: .shared)
    }

    init(timeouts: HTTPTimeouts = .init(), maxIdlePerHost: Int = 64, trustedCertificates: String?, names: NameService) {
        self.timeouts = timeouts
        pool = ConnectionPool(
            limits: PoolLimits(maxIdlePerHost: maxIdlePerHost),
            security: TransportSecurity(trustedCertificates: trustedCertificates), names: names)
        sockets = SocketDriver(maxIdlePerHost: maxIdlePerHost, names: names)
    }

    init(pool: ConnectionPool, timeouts: HTTPTimeouts = .init()) {
        self.timeouts = timeouts
        self.pool = pool
        sockets = SocketDriver(maxIdlePerHost: 0)
    }

    deinit {
        pool.close()
        sockets.close()
    }

    /// Sends the request and waits for the whole answer. Cancelling the task closes the connection.
    package func send(
        _ request: HTTPRequest, timeouts: HTTPTimeouts? = nil, maxBytes: Int = 64 << 20
    ) async throws(TransportError) -> HTTPAnswer {
        let timeouts = timeouts ?? self.timeouts
        if let loop = CallerLoop.current, !request.base.isSecure {
            let (head, answer) = try await sockets.open(request, timeouts, on: loop)
            return HTTPAnswer(head: head, body: try await answer.body(maxBytes: maxBytes, on: loop))
        }
        let (head, exchange) = try await run(request, timeouts, .whole(maxBytes: maxBytes))
        return HTTPAnswer(head: head, body: exchange.takeBody())
    }

    /// Sends the request with a body that is read as it goes, and waits for the whole answer. Never sent twice.
    package func send(
        _ request: HTTPRequest, upload: HTTPUpload, timeouts: HTTPTimeouts, maxBytes: Int = 1 << 20
    ) async throws(TransportError) -> HTTPAnswer {
        var order = Order(
            bytes: try request.bytes(bodyBytes: upload.lengthBytes), method: request.method,
            origin: Origin(request.base), timeouts: timeouts)
        order.upload = upload
        let exchange = Exchange(order: order, delivery: .whole(maxBytes: maxBytes))
        // A kept connection may be dead, and what was read of the body is gone: only a new one will do.
        let head = await exchange.head(startedBy: { [pool] in pool.run(exchange, mayReuse: false) })
        return HTTPAnswer(head: try head.get(), body: exchange.takeBody())
    }

    /// Sends the request and waits for the head of the answer. Cancelling the task closes the connection.
    package func open(
        _ request: HTTPRequest, timeouts: HTTPTimeouts? = nil
    ) async throws(TransportError) -> HTTPStream {
        let timeouts = timeouts ?? self.timeouts
        if let loop = CallerLoop.current, !request.base.isSecure {
            let (head, answer) = try await sockets.open(request, timeouts, on: loop)
            return HTTPStream(head: head, source: .socket(answer, loop), client: self)
        }
        let (head, exchange) = try await run(request, timeouts, .streamed)
        return HTTPStream(head: head, source: .exchange(exchange), client: self)
    }

    /// Closes every connection; running requests fail, later ones are refused.
    package func shutdown() async {
        sockets.close()
        await pool.shutdown()
    }

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

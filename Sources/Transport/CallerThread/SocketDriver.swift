/// Sends plain `http` requests over sockets on the thread that drives the caller's loop.
final class SocketDriver: Sendable {
    private let pool: SocketPool
    private let names: NameService

    init(maxIdlePerHost: Int, names: NameService = .shared) {
        pool = SocketPool(maxIdlePerHost: maxIdlePerHost)
        self.names = names
    }

    func close() { pool.close() }

    /// Gives the answer as soon as its head is there.
    func open(
        _ request: HTTPRequest, _ timeouts: HTTPTimeouts, on loop: CallerLoop
    ) async throws(TransportError) -> (head: HTTPHead, answer: SocketAnswer) {
        let bytes = try request.bytes()
        if pool.isClosed { throw .connect("the client has been shut down") }
        let origin = Origin(request.base)
        var terms = SocketAnswer.Terms(
            origin: origin, timeouts: timeouts, pool: pool, reused: true,
            deadline: timeouts.total.map { .now + $0 })
        if let socket = pool.take(origin) {
            let answer = SocketAnswer(socket, method: request.method, terms)
            do throws(TransportError) {
                return (try await answer.begin(bytes, on: loop), answer)
            } catch {
                // A kept connection that the server closed as we wrote: once more on a new one.
                guard case .reset = error, answer.isStale, request.isReplayable else { throw error }
            }
        }
        terms.reused = false
        let socket = try await Socket.connect(
            to: origin, names: names, within: timeouts.connect, until: terms.deadline, on: loop)
        let answer = SocketAnswer(socket, method: request.method, terms)
        return (try await answer.begin(bytes, on: loop), answer)
    }
}

/// An answer whose body is read as it arrives. For one consumer at a time.
///
/// Dropping the last copy before the end closes the connection, as ``cancel()`` does.
package struct HTTPStream: Sendable {
    package let head: HTTPHead
    private let body: Body

    /// - Parameter client: kept as long as the stream, so that dropping it does not end the stream.
    init(head: HTTPHead, source: Source, client: HTTPClient) {
        self.head = head
        body = Body(source: source, client: client)
    }

    /// Who brings the bytes.
    enum Source: Sendable {
        case exchange(Exchange)
        case socket(SocketAnswer, CallerLoop)
    }

    /// The next bytes of the body, nil at its clean end. Cancelling the task closes the connection.
    package func next() async throws(TransportError) -> [UInt8]? {
        switch body.source {
        case .exchange(let exchange): try await exchange.next().get()
        case .socket(let answer, let loop): try await answer.next(on: loop)
        }
    }

    /// What comes of the body until its end, at most about `maxBytes`, as long as the deadline of the whole request allows: an
    /// answer that is cut short still says something. Throws only ``TransportError/cancelled``.
    package func rest(maxBytes: Int) async throws(TransportError) -> [UInt8] {
        if case .exchange(let exchange) = body.source { exchange.holdDeadline() }
        var rest: [UInt8] = []
        do throws(TransportError) {
            while rest.count < maxBytes, let piece = try await nextOfWhole() { rest += piece }
        } catch { if error == .cancelled { throw error } }
        return rest
    }

    private func nextOfWhole() async throws(TransportError) -> [UInt8]? {
        switch body.source {
        case .exchange(let exchange): try await exchange.next().get()
        case .socket(let answer, let loop): try await answer.next(isWhole: true, on: loop)
        }
    }

    /// Closes the connection; ``next()`` throws ``TransportError/cancelled`` from now on.
    package func cancel() { body.source.cancel() }

    /// Takes no more bytes. If the answer ends within a second the connection is kept for the next request.
    package func release() {
        switch body.source {
        case .exchange(let exchange): exchange.release()
        case .socket(let answer, _): answer.release()
        }
    }

    private final class Body: Sendable {
        let source: Source
        private let client: HTTPClient

        init(source: Source, client: HTTPClient) {
            self.source = source
            self.client = client
        }

        deinit { source.cancel() }
    }
}

extension HTTPStream.Source {
    func cancel() {
        switch self {
        case .exchange(let exchange): exchange.cancel()
        case .socket(let answer, _): answer.cancel()
        }
    }
}

import Synchronization

/// The pieces of a text as they arrive. Can be read once; dropping it or cancelling the task closes the request.
public struct TextStream: AsyncSequence, Sendable {
    public typealias Element = TextChunk
    public typealias Failure = InferenceKeyError

    private let source: Source

    init(_ events: EventStream) { source = Source(events) }

    /// Closes the request.
    public func cancel() { source.events.cancel() }

    /// Whether the next piece is here already.
    package var hasReady: Bool { source.events.hasReady }

    public func makeAsyncIterator() -> Iterator { Iterator(source: source) }

    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let source: Source

        /// The next piece, nil at the end. A stream that ends before it is complete throws.
        public mutating func next() async throws(InferenceKeyError) -> TextChunk? { try await source.next() }

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(InferenceKeyError) -> TextChunk? {
            try await source.next()
        }
    }

    fileprivate final class Source: Sendable {
        let events: EventStream
        private let reading = Mutex((reader: TextStreamReader(), isEnded: false))

        init(_ events: EventStream) { self.events = events }

        func next() async throws(InferenceKeyError) -> TextChunk? {
            if reading.withLock({ $0.isEnded }) { return nil }
            guard let event = try await events.next() else {
                let reader = reading.withLock { reading in
                    reading.isEnded = true
                    return reading.reader
                }
                try reader.finish()
                return nil
            }
            return try take(event)
        }

        private func take(_ event: ServerSentEvent) throws(InferenceKeyError) -> TextChunk? {
            let result = reading.withLock { reading in
                Result { () throws(InferenceKeyError) in try reading.reader.take(event) }
            }
            switch result {
            case .success(.chunk(let chunk)): return chunk
            case .success(.end):
                reading.withLock { $0.isEnded = true }
                events.release()
                return nil
            case .failure(let error):
                events.cancel()
                throw error
            }
        }
    }
}

import Synchronization

/// The pieces of a text as they arrive. Can be read once; dropping it or cancelling the task closes the request.
public struct TextStream: AsyncSequence, Sendable {
    public typealias Element = TextChunk
    public typealias Failure = InferenceKeyError

    private let source: Source

    init(_ events: EventStream) { source = Source(events) }

    /// Closes the request.
    public func cancel() { source.events.cancel() }

    /// Every piece that is here, waiting for the first; nil at the end.
    package func nextBatch() async throws(InferenceKeyError) -> [TextChunk]? { try await source.nextBatch() }

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
        private let reading = Mutex(Reading())

        private struct Reading {
            var reader = TextStreamReader()
            var isEnded = false
            /// Pieces that came with one that was taken, and were not.
            var ready: ArraySlice<TextChunk> = []
            /// Comes after the pieces that were read before it.
            var failure: InferenceKeyError?
        }

        init(_ events: EventStream) { self.events = events }

        func nextBatch() async throws(InferenceKeyError) -> [TextChunk]? {
            while true {
                if let failure = reading.withLock({ $0.failure.take() }) { throw failure }
                if reading.withLock({ $0.isEnded }) { return nil }
                guard let batch = try await events.nextBatch() else {
                    try finish()
                    return nil
                }
                let chunks = take(batch)
                if !chunks.isEmpty { return chunks }
            }
        }

        /// The pieces up to the end of the text or its failure.
        private func take(_ batch: [ServerSentEvent]) -> [TextChunk] {
            var chunks: [TextChunk] = []
            chunks.reserveCapacity(batch.count)
            reading.withLock { reading in
                do throws(InferenceKeyError) {
                    for event in batch {
                        guard case .chunk(let chunk) = try reading.reader.take(event) else {
                            reading.isEnded = true
                            break
                        }
                        chunks.append(chunk)
                    }
                } catch { reading.failure = error }
            }
            if reading.withLock({ $0.isEnded }) { events.release() }
            if reading.withLock({ $0.failure != nil }) { events.cancel() }
            return chunks
        }

        private func finish() throws(InferenceKeyError) {
            let reader = reading.withLock { reading in
                reading.isEnded = true
                return reading.reader
            }
            try reader.finish()
        }

        func next() async throws(InferenceKeyError) -> TextChunk? {
            if let chunk = reading.withLock({ $0.ready.popFirst() }) { return chunk }
            guard let batch = try await nextBatch() else { return nil }
            return reading.withLock { reading in
                reading.ready = batch[...]
                return reading.ready.popFirst()
            }
        }
    }
}

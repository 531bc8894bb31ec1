package import InferenceKeyWire
import Synchronization
package import Transport

/// Server-sent events of one answer, as they arrive. For one consumer; dropping it closes the connection.
package final class EventStream: Sendable {
    private let stream: HTTPStream
    private let base: BaseURL
    private let reading: Mutex<Reading>

    private struct Reading {
        var reader = SSEReader()
        /// Complete events that have not been taken, last first.
        var ready: [ServerSentEvent] = []
        var isEnded = false
    }

    /// Throws when the answer is no event stream.
    package init(_ stream: HTTPStream, base: BaseURL) throws(InferenceKeyError) {
        let type = stream.head["content-type"] ?? "no content type"
        guard type.lowercased().hasPrefix("text/event-stream") else {
            stream.cancel()
            throw .unexpected(stream.head, "the answer is not an event stream but \(type)")
        }
        self.stream = stream
        self.base = base
        reading = Mutex(Reading())
    }

    package var head: HTTPHead { stream.head }

    /// The next event, nil at the end of the stream, whether or not the stream says that it is complete.
    package func next() async throws(InferenceKeyError) -> ServerSentEvent? {
        while true {
            let (event, isEnded) = reading.withLock { ($0.ready.popLast(), $0.isEnded) }
            if let event { return event }
            if isEnded { return nil }
            try take(try await nextBytes())
        }
    }

    /// Every event that is here, waiting for the first; nil at the end of the stream.
    package func nextBatch() async throws(InferenceKeyError) -> [ServerSentEvent]? {
        while true {
            let (events, isEnded) = reading.withLock { reading in
                defer { reading.ready = [] }
                return (reading.ready, reading.isEnded)
            }
            if !events.isEmpty { return events.reversed() }
            if isEnded { return nil }
            try take(try await nextBytes())
        }
    }

    package func cancel() { stream.cancel() }

    /// Takes no more events; the connection is kept if the answer ends within a second.
    package func release() { stream.release() }

    private func nextBytes() async throws(InferenceKeyError) -> [UInt8]? {
        do throws(TransportError) { return try await stream.next() } catch {
            throw InferenceKeyError(error, talkingTo: base)
        }
    }

    private func take(_ bytes: [UInt8]?) throws(InferenceKeyError) {
        let isTooLong = reading.withLock { reading in
            guard let bytes else {
                reading.isEnded = true
                reading.ready = reading.reader.finish().map { [$0] } ?? []
                return false
            }
            do {
                reading.ready = try reading.reader.read(bytes).reversed()
                return false
            } catch {
                return true
            }
        }
        guard isTooLong else { return }
        stream.cancel()
        throw .unexpected(stream.head, "an event of the stream is longer than 16 MiB")
    }
}

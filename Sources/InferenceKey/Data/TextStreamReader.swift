/// Turns the events of a text stream into chunks, and tells a finished stream from a broken one. Pure.
package struct TextStreamReader: Sendable {
    package enum Step: Sendable, Hashable {
        case chunk(TextChunk)
        case end
    }

    private var sawFinish = false

    package init() {}

    /// Throws what the stream reports as its failure, and for data that is not JSON.
    package mutating func take(_ event: ServerSentEvent) throws(InferenceKeyError) -> Step {
        if event.data == "[DONE]" { return .end }
        guard let chunk = TextChunk(data: event.data) else {
            throw .network("the stream holds an event that is not JSON: \(event.data.prefix(200))")
        }
        if chunk.isFailure {
            throw InferenceKeyError(status: 200, body: event.data.utf8, requestID: nil, retryAfterMilliseconds: nil)
        }
        sawFinish = sawFinish || chunk.finishReasonPlace != nil
        return .chunk(chunk)
    }

    /// The connection has ended without `[DONE]`. Throws unless a chunk gave a reason to finish.
    package func finish() throws(InferenceKeyError) {
        if !sawFinish { throw .network("the stream ended before it was complete") }
    }
}

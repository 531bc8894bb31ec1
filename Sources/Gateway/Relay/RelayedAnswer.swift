import NIOCore

/// The state of an answer that is being passed on to a client.
struct RelayedAnswer {
    /// The head, until something is written behind it.
    var head: ByteBuffer?
    var isEventStream = false
    /// We put the body into chunks: the engine ends it by closing, or its chunks end in the middle of events.
    var addsChunks = false
    /// The engine's own chunks, which are taken off then.
    var chunks: ChunkBoundary?
    /// The answer travels in chunks, its own or ours.
    var isChunked = false
    /// The start of an event whose end has not come yet.
    var held = ByteBuffer()
    /// What the client has been sent ends with a whole event, and a whole chunk if the chunks are the engine's.
    var endsWhole = true
    var hasBody = false
    /// The first token of a stream, or the first byte of anything else, has not come yet.
    var awaitsToken = true
    var tap: AnswerTap?

    /// Whether an error can still be told inside the answer.
    var canTellError: Bool { isEventStream && isChunked && (endsWhole || addsChunks) }
}

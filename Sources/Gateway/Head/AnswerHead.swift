/// Where the body of an answer ends.
enum AnswerFraming: Sendable, Hashable {
    case none
    case length(Int)
    case chunked
    case untilClose
}

/// What the head of an answer says, as far as the relay acts on it.
struct AnswerHead: Sendable {
    enum Content: Sendable, Hashable {
        case json, eventStream, other
    }

    var status: Int
    /// All of the head with its empty line.
    var length: Int
    /// Status and reason, without the version and the line's end.
    var statusText: Range<Int>
    var framing = AnswerFraming.untilClose
    var keepsAlive: Bool
    var content = Content.other

    var isInterim: Bool { status < 200 }
}

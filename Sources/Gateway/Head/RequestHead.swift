/// Where the body of a request ends.
enum RequestFraming: Sendable, Hashable {
    case none
    case length(Int)
    case chunked
}

/// What a request's head says, as offsets into its bytes: nothing is copied.
struct RequestHead: Sendable {
    enum Content: Sendable, Hashable {
        case json, multipart, other
    }

    var method: Method
    /// The request target, in origin form.
    var target: Range<Int>
    /// All of the head with its empty line.
    var length: Int
    var framing = RequestFraming.none
    var keepsAlive = true
    var expectsContinue = false
    var authorization: Range<Int>?
    var apiKey: Range<Int>?
    var requestID: Range<Int>?
    var contentType: Range<Int>?
    /// Without a `Content-Type` it is none that is known.
    var content = Content.other
}

import NIOCore

/// One request on its way to the Manager, byte for byte.
struct ControlExchange {
    /// Whether all of the request has been read.
    private(set) var requestEnded: Bool
    /// What waits for the connection; then, if the whole request is in it, what is sent again should a kept connection
    /// turn out to be dead.
    var unsent: ByteBuffer
    var isOnKeptConnection = false
    var sentAt = NIODeadline.distantPast
    var hasAnswerBegun = false
    var isEventStream = false
    let keepsAlive: Bool
    let answersHead: Bool
    let requestID: RequestID
    private var remaining = 0
    private var chunks: ChunkBoundary?

    init(_ head: RequestHead, bytes: ByteBuffer, requestID: RequestID) {
        unsent = bytes
        keepsAlive = head.keepsAlive
        answersHead = head.method == .head
        self.requestID = requestID
        switch head.framing {
        case .none: requestEnded = true
        case .length(let count):
            remaining = count
            requestEnded = count == 0
        case .chunked:
            chunks = ChunkBoundary(isStrict: true)
            requestEnded = false
        }
    }

    /// Takes from `inbound` what belongs to the request's body, its framing included; nil when it is malformed.
    mutating func takeBody(from inbound: inout ByteBuffer) -> ByteBuffer? {
        guard !requestEnded else { return ByteBuffer() }
        guard chunks != nil else {
            let count = min(remaining, inbound.readableBytes)
            remaining -= count
            requestEnded = remaining == 0
            return inbound.readSlice(length: count)
        }
        var position = 0
        let end = inbound.withUnsafeReadableBytes { bytes -> ChunkBoundary.Step in
            while true {
                let step = chunks?.next(bytes, &position) ?? .malformed
                switch step {
                case .payload, .chunkEnd: continue
                case .ended, .more, .malformed: return step
                }
            }
        }
        if end == .malformed { return nil }
        requestEnded = end == .ended
        return inbound.readSlice(length: position)
    }
}

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
    /// The body is short and on its way: it is waited for, so that the request can go over a kept connection.
    let waitsForBody: Bool
    let keepsAlive: Bool
    let answersHead: Bool
    let requestID: RequestID
    private var remaining = 0
    private var chunks: ChunkBoundary?

    /// Bodies up to this are waited for.
    static let maxAwaitedBytes = 64 << 10

    init(_ head: RequestHead, bytes: ByteBuffer, requestID: RequestID) {
        unsent = bytes
        keepsAlive = head.keepsAlive
        answersHead = head.method == .head
        self.requestID = requestID
        switch head.framing {
        case .none:
            requestEnded = true
            waitsForBody = false
        case .length(let count):
            remaining = count
            requestEnded = count == 0
            waitsForBody = count > 0 && count <= Self.maxAwaitedBytes && !head.expectsContinue
        case .chunked:
            waitsForBody = false
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
                case .chunk, .payload, .chunkEnd: continue
                case .ended, .more, .malformed: return step
                }
            }
        }
        if end == .malformed { return nil }
        requestEnded = end == .ended
        return inbound.readSlice(length: position)
    }
}

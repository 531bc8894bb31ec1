/// Follows the body of an answer through its framing: how much of each read belongs to it, where it could be cut without
/// breaking an event, and whether it is over.
struct AnswerBody: Sendable {
    enum End: Sendable, Hashable {
        case more, ended, malformed
    }

    struct Progress: Sendable, Hashable {
        /// Bytes of this read that belong to the body.
        var taken: Int
        /// Bytes of this read up to the last place where a chunk and an event end together; equal to ``taken`` for
        /// everything that is no chunked event stream.
        var whole: Int
        /// Whether an event has ended behind that place: within a chunk.
        var hidesEvent = false
        var end: End

        init(taken: Int, whole: Int, hidesEvent: Bool = false, end: End) {
            (self.taken, self.whole, self.hidesEvent, self.end) = (taken, whole, hidesEvent, end)
        }
    }

    let framing: AnswerFraming
    private var remaining = 0
    private var chunks = ChunkBoundary(isStrict: false)
    /// Events up to the last place where a chunk and an event ended together.
    private var wholeEvents = 0

    init(_ framing: AnswerFraming) {
        self.framing = framing
        if case .length(let count) = framing { remaining = count }
    }

    /// Whether there is nothing to wait for after the head.
    var isEmpty: Bool { framing == .none || framing == .length(0) }

    /// Takes the next read; `tap` is shown what lies inside the framing.
    mutating func read(_ bytes: UnsafeRawBufferPointer, tap: AnswerTap?) -> Progress {
        switch framing {
        case .none: return Progress(taken: 0, whole: 0, end: .ended)
        case .length:
            let count = min(remaining, bytes.count)
            remaining -= count
            tap?.read(bytes.part(0..<count))
            return Progress(taken: count, whole: count, end: remaining == 0 ? .ended : .more)
        case .untilClose:
            tap?.read(bytes)
            return Progress(taken: bytes.count, whole: bytes.count, end: .more)
        case .chunked: return readChunks(bytes, tap: tap)
        }
    }

    private mutating func readChunks(_ bytes: UnsafeRawBufferPointer, tap: AnswerTap?) -> Progress {
        guard let tap else { return passChunks(bytes) }
        let splitsAtEvents = tap.isEventStream
        var look = tap.beginLook(at: bytes)
        defer { tap.endLook(look) }
        var position = 0
        var whole = 0
        while true {
            switch chunks.next(bytes, &position) {
            case .chunk(let range):
                look.read(range)
                if look.isBetweenEvents { (whole, wholeEvents) = (position, look.events) }
            case .payload(let range): look.read(range)
            case .chunkEnd: if look.isBetweenEvents { (whole, wholeEvents) = (position, look.events) }
            case .more:
                guard splitsAtEvents else { return Progress(taken: position, whole: position, end: .more) }
                return Progress(
                    taken: position, whole: whole, hidesEvent: look.events > wholeEvents, end: .more)
            case .ended: return Progress(taken: position, whole: position, end: .ended)
            case .malformed:
                return Progress(taken: position, whole: splitsAtEvents ? whole : position, end: .malformed)
            }
        }
    }

    private mutating func passChunks(_ bytes: UnsafeRawBufferPointer) -> Progress {
        var position = 0
        while true {
            switch chunks.next(bytes, &position) {
            case .chunk, .payload, .chunkEnd: continue
            case .more: return Progress(taken: position, whole: position, end: .more)
            case .ended: return Progress(taken: position, whole: position, end: .ended)
            case .malformed: return Progress(taken: position, whole: position, end: .malformed)
            }
        }
    }
}

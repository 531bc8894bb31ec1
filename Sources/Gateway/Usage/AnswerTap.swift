/// Looks at the body of one answer as it passes, to know afterwards what was used. Holds a bounded window of it.
final class AnswerTap {
    /// Usage is looked for in that many bytes at the end of an answer.
    static let tailBytes = 2048
    /// And of an event stream, which may be open for long.
    static let eventTailBytes = 1024
    /// And in that many at its start, where llama-server puts that of embeddings.
    static let openingBytes = 512

    private(set) var isEventStream = false
    private var engineSaysUsage = false
    private var counter = EventCounter()
    private var opening: UsageFigures?
    private var hasOpened = false
    private var tailBytes = 0
    private var window = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var filled = 0

    deinit { window.deallocate() }

    /// Makes it ready for the next answer.
    func start(isEventStream: Bool, engineSaysUsage: Bool) {
        self.isEventStream = isEventStream
        self.engineSaysUsage = engineSaysUsage
        counter = EventCounter()
        opening = nil
        hasOpened = false
        filled = 0
        tailBytes = isEventStream ? Self.eventTailBytes : Self.tailBytes
        let windowBytes = tailBytes + tailBytes / 2
        guard window.count < windowBytes else { return }
        window.deallocate()
        window = .allocate(byteCount: windowBytes, alignment: 8)
    }

    var events: Int { counter.events }
    /// Whether an event with text has come.
    var hasText: Bool { counter.textEvents > 0 }

    /// Looks at one read: a value on the stack, so that its many small steps cost no checks of access.
    func beginLook(at bytes: UnsafeRawBufferPointer) -> Look {
        Look(
            bytes: bytes, counter: counter, isEventStream: isEventStream, looksForText: !engineSaysUsage || !hasText,
            tap: self)
    }

    func endLook(_ look: Look) { counter = look.counter }

    /// Looks at bytes that are all payload.
    func read(_ payload: UnsafeRawBufferPointer) {
        var look = beginLook(at: payload)
        look.read(0..<payload.count)
        endLook(look)
    }

    struct Look {
        /// What is further from the end of the read than this will not be in the tail: twice the tail leaves room for the
        /// framing between the payloads.
        static let keptBytes = 2 * AnswerTap.eventTailBytes

        fileprivate let bytes: UnsafeRawBufferPointer
        fileprivate var counter: EventCounter
        fileprivate let isEventStream: Bool
        fileprivate let looksForText: Bool
        fileprivate let tap: AnswerTap

        /// Always false for what is no event stream.
        var isBetweenEvents: Bool { isEventStream && counter.isBetweenEvents }

        @inline(__always)
        mutating func read(_ range: Range<Int>) {
            guard !range.isEmpty else { return }
            if isEventStream { counter.read(bytes.part(range), looksForText: looksForText) }
            if range.upperBound > bytes.count - Self.keptBytes || !isEventStream { tap.keep(bytes.part(range)) }
        }
    }

    /// What was used, as the engine says it or else as it was counted.
    func figures() -> UsageFigures {
        let tail = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(window)[..<filled])
        if let said = UsageFigures(lastIn: tail) ?? opening { return said }
        guard isEventStream else { return UsageFigures() }
        return UsageFigures(tokensOut: counted, isEstimated: true)
    }

    /// The tokens given so far, as well as they can be counted: one for each event with text, or for each event where the
    /// texts were not looked for because the engine was to say what it used.
    var counted: Int { engineSaysUsage ? counter.events : counter.textEvents }

    /// The start of the answer is about to leave the window, or never enters it.
    private func readOpening(_ payload: UnsafeRawBufferPointer) {
        let start = filled > 0 ? UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(window)[..<filled]) : payload
        opening = UsageFigures(lastIn: start.part(0..<min(start.count, Self.openingBytes)))
    }

    /// Keeps the last `tailBytes` at least. Moves them only when the window is full.
    fileprivate func keep(_ payload: UnsafeRawBufferPointer) {
        if !hasOpened, filled + payload.count > window.count {
            hasOpened = true
            if !isEventStream { readOpening(payload) }
        }
        let piece =
            payload.count > tailBytes ? payload.part(payload.count - tailBytes..<payload.count) : payload
        if filled + piece.count > window.count {
            let kept = min(filled, tailBytes - min(piece.count, tailBytes))
            let source = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(window)[filled - kept..<filled])
            window.copyMemory(from: source)
            filled = kept
        }
        UnsafeMutableRawBufferPointer(rebasing: window[filled...]).copyMemory(from: piece)
        filled += piece.count
    }
}

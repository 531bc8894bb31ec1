/// Looks at the body of one answer as it passes, to know afterwards what was used. Holds a bounded window of it.
final class AnswerTap {
    /// Usage is looked for in that many bytes at the end of an answer.
    static let tailBytes = 2048
    /// And in that many at its start, where llama-server puts that of embeddings.
    static let openingBytes = 512

    private(set) var isEventStream = false
    private var engineSaysUsage = false
    private var counter = EventCounter()
    private var opening: UsageFigures?
    private var hasOpened = false
    private let window: UnsafeMutableRawBufferPointer
    private var filled = 0

    init() {
        window = .allocate(byteCount: Self.tailBytes + Self.tailBytes / 2, alignment: 8)
    }

    deinit { window.deallocate() }

    /// Makes it ready for the next answer.
    func start(isEventStream: Bool, engineSaysUsage: Bool) {
        self.isEventStream = isEventStream
        self.engineSaysUsage = engineSaysUsage
        counter = EventCounter()
        opening = nil
        hasOpened = false
        filled = 0
    }

    var isBetweenEvents: Bool { counter.isBetweenEvents }
    var events: Int { counter.events }

    func read(_ payload: UnsafeRawBufferPointer) {
        guard !payload.isEmpty else { return }
        if isEventStream {
            counter.read(payload, looksForText: !engineSaysUsage)
        } else if !hasOpened, filled + payload.count > window.count {
            hasOpened = true
            readOpening(payload)
        }
        keep(payload)
    }

    /// What was used, as the engine says it or else as it was counted.
    func figures() -> UsageFigures {
        let tail = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(window)[..<filled])
        if let said = UsageFigures(lastIn: tail) ?? opening { return said }
        guard isEventStream else { return UsageFigures() }
        return UsageFigures(tokensOut: counter.textEvents, isEstimated: true)
    }

    /// The start of the answer is about to leave the window, or never enters it.
    private func readOpening(_ payload: UnsafeRawBufferPointer) {
        let start = filled > 0 ? UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(window)[..<filled]) : payload
        opening = UsageFigures(lastIn: start.part(0..<min(start.count, Self.openingBytes)))
    }

    /// Keeps the last ``tailBytes`` at least. Moves them only when the window is full.
    private func keep(_ payload: UnsafeRawBufferPointer) {
        let piece =
            payload.count > Self.tailBytes ? payload.part(payload.count - Self.tailBytes..<payload.count) : payload
        if filled + piece.count > window.count {
            let kept = min(filled, Self.tailBytes - min(piece.count, Self.tailBytes))
            let source = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(window)[filled - kept..<filled])
            window.copyMemory(from: source)
            filled = kept
        }
        UnsafeMutableRawBufferPointer(rebasing: window[filled...]).copyMemory(from: piece)
        filled += piece.count
    }
}

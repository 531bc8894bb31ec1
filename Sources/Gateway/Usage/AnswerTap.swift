/// Looks at the body of one answer as it passes, to know afterwards what was used. Holds none of it but the start of what
/// an engine says of that.
final class AnswerTap {
    private(set) var isEventStream = false
    private var engineSaysUsage = false
    private var counter = EventCounter()
    private var finder = UsageFinder()
    /// Of an answer that is no event stream.
    private var bytes = 0

    /// Makes it ready for the next answer.
    func start(isEventStream: Bool, engineSaysUsage: Bool) {
        self.isEventStream = isEventStream
        self.engineSaysUsage = engineSaysUsage
        counter = EventCounter()
        finder.clear()
        bytes = 0
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
        fileprivate let bytes: UnsafeRawBufferPointer
        fileprivate var counter: EventCounter
        fileprivate let isEventStream: Bool
        fileprivate let looksForText: Bool
        fileprivate let tap: AnswerTap

        /// Always false for what is no event stream.
        var isBetweenEvents: Bool { isEventStream && counter.isBetweenEvents }
        var events: Int { counter.events }

        @inline(__always)
        mutating func read(_ range: Range<Int>) {
            guard !range.isEmpty else { return }
            if isEventStream { counter.read(bytes.part(range), looksForText: looksForText) }
            tap.find(bytes.part(range))
        }
    }

    /// What was used, as the engine says it or else as it was counted: of a stream by its events, of any other answer by
    /// its length.
    ///
    /// - Parameters:
    ///   - tokens: what such an answer tells of.
    ///   - promptTokens: what it was asked with, about.
    func figures(_ tokens: DataRoute.Tokens = .none, promptTokens: Int = 0) -> UsageFigures {
        if let said = finder.said { return said }
        let tokensIn = tokens == .none ? 0 : promptTokens
        if isEventStream { return UsageFigures(tokensIn: tokensIn, tokensOut: counted, isEstimated: true) }
        guard tokens != .none else { return UsageFigures() }
        let tokensOut = tokens == .text ? bytes / PromptTokens.bytesPerToken : 0
        return UsageFigures(tokensIn: tokensIn, tokensOut: tokensOut, isEstimated: true)
    }

    /// Whether the engine has said what it used.
    var isTold: Bool { finder.said != nil }

    /// The tokens given so far, as well as they can be counted: one for each event with text, or for each event where the
    /// texts were not looked for because the engine was to say what it used.
    var counted: Int { engineSaysUsage ? counter.events : counter.textEvents }

    @inline(__always)
    fileprivate func find(_ payload: UnsafeRawBufferPointer) {
        if !isEventStream { bytes += payload.count }
        finder.read(payload)
    }
}

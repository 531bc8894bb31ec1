/// Events are counted the same in whatever pieces they come, and as a reader of whole lines counts them.
enum EventFuzz {
    static func run(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 1 else { return }
        var whole = EventCounter()
        bytes.alone(1..<bytes.count) { whole.read($0, looksForText: true) }
        var pieces = EventCounter()
        bytes.inPieces { pieces.read($0, looksForText: true) }
        precondition(whole.events == pieces.events && whole.isBetweenEvents == pieces.isBetweenEvents)
        precondition(pieces.textEvents <= pieces.events && whole.textEvents <= whole.events)
        var silent = EventCounter()
        bytes.alone(1..<bytes.count) { silent.read($0, looksForText: false) }
        precondition(silent.events == whole.events && silent.textEvents == 0)
        compare(whole, bytes.part(1..<bytes.count))
        tap(bytes)
    }

    private static func compare(_ counter: EventCounter, _ bytes: UnsafeRawBufferPointer) {
        var events = 0
        var hasData = false
        var isBetween = true
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
            if line.isEmpty || line.count == 1 && line.first == 0x0D {
                events += hasData ? 1 : 0
                hasData = false
                isBetween = true
            } else {
                isBetween = false
                if line.first == UInt8(ascii: "d") { hasData = true }
            }
        }
        if let last = bytes.last, last != 0x0A { isBetween = false }
        precondition(counter.events == events && counter.isBetweenEvents == isBetween)
    }

    /// The figures of what was used, out of any answer.
    private static func tap(_ bytes: UnsafeRawBufferPointer) {
        for isEventStream in [false, true] {
            let tap = AnswerTap()
            tap.start(isEventStream: isEventStream, engineSaysUsage: false)
            bytes.inPieces { tap.read($0) }
            let figures = tap.figures()
            precondition(figures.tokensIn >= 0 && figures.tokensOut >= 0)
        }
    }
}

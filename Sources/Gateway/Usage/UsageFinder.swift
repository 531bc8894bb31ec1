/// Finds what an engine says it used, wherever in an answer it stands and wherever reads split it.
///
/// Of several objects the highest figures count: an engine's only grow as it goes on, and what it repeats of a request
/// cannot lower them.
struct UsageFinder: ~Copyable {
    /// An object longer than this is none of an engine's.
    static let maxObjectBytes = 1024

    private var usage: UsageFigures?
    private var timings: UsageFigures?
    /// The start of an object whose rest has not come, and how much of it there is.
    private var begun = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var begunBytes = 0

    deinit { begun.deallocate() }

    /// llama-server tells its timings where it tells no usage.
    var said: UsageFigures? { usage ?? timings }

    /// Forgets all, for the next answer.
    mutating func clear() {
        usage = nil
        timings = nil
        begunBytes = 0
    }

    @inline(__always)
    mutating func read(_ bytes: UnsafeRawBufferPointer) {
        if begunBytes > 0, !goOn(bytes) { return }
        var position = 0
        // The rarest letter of both names.
        while let letter = bytes.firstIndex(of: UInt8(ascii: "g"), from: position) {
            position = letter + 1
            if letter + 2 < bytes.count, bytes[letter + 1] != UInt8(ascii: "e"), bytes[letter + 1] != UInt8(ascii: "s")
            {
                continue
            }
            guard let end = look(bytes, at: letter) else { return }
            position = max(position, end)
        }
        keepEnd(bytes)
    }

    /// Where to go on; nil when all that is left is the start of an object.
    @inline(never)
    private mutating func look(_ bytes: UnsafeRawBufferPointer, at letter: Int) -> Int? {
        for start in [letter - 4, letter - 6] where start >= 0 && bytes[start] == UInt8(ascii: "\"") {
            let end = min(bytes.count, start + Self.maxObjectBytes)
            switch UsageObject(bytes.part(0..<end), at: start) {
            case .whole(let figures, let isTimings, let end):
                take(figures, isTimings: isTimings)
                return end
            case .begun:
                // Too long: what is used is told behind it.
                guard end == bytes.count else { return end }
                keep(bytes.part(start..<end))
                return nil
            case .none: continue
            }
        }
        return letter + 1
    }

    /// The next bytes of what has begun. False when they are all of it and it goes on.
    @inline(never)
    private mutating func goOn(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let count = min(bytes.count, Self.maxObjectBytes - begunBytes)
        UnsafeMutableRawBufferPointer(rebasing: begun[begunBytes...]).copyMemory(from: bytes.part(0..<count))
        begunBytes += count
        switch UsageObject(UnsafeRawBufferPointer(begun).part(0..<begunBytes), at: 0) {
        case .whole(let figures, let isTimings, _): take(figures, isTimings: isTimings)
        case .begun: if begunBytes < Self.maxObjectBytes { return false }
        case .none: break
        }
        begunBytes = 0
        return true
    }

    /// One of the names may begin at the end.
    @inline(__always)
    private mutating func keepEnd(_ bytes: UnsafeRawBufferPointer) {
        guard let last = bytes.last, last != 0x0A, last != UInt8(ascii: "}") else { return }
        let first = max(0, bytes.count - UsageObject.timings.utf8CodeUnitCount + 1)
        for start in first..<bytes.count where bytes[start] == UInt8(ascii: "\"") {
            if case .begun = UsageObject(bytes, at: start) { return keep(bytes.part(start..<bytes.count)) }
        }
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
        if begun.count == 0 { begun = .allocate(byteCount: Self.maxObjectBytes, alignment: 8) }
        begun.copyMemory(from: bytes)
        begunBytes = bytes.count
    }

    private mutating func take(_ figures: UsageFigures, isTimings: Bool) {
        let former = (isTimings ? timings : usage) ?? UsageFigures()
        let both = UsageFigures(
            tokensIn: max(former.tokensIn, figures.tokensIn), tokensOut: max(former.tokensOut, figures.tokensOut))
        if isTimings { timings = both } else { usage = both }
    }
}

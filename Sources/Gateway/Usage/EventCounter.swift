/// Counts the events of an event stream that carry text, as an estimate of the tokens an engine gave where it does not
/// say: most engines send one token an event. Also knows whether the stream stands between two events.
///
/// An event counts when one of its data lines has a `content`, `reasoning`, `thinking`, `text`, `delta`, `arguments`
/// or `partial_json` member that is a string and not empty, wherever reads may split it.
struct EventCounter: Sendable {
    /// Events with text.
    private(set) var textEvents = 0
    /// All events.
    private(set) var events = 0
    /// Whether nothing of an unfinished event has been read.
    private(set) var isBetweenEvents = true

    private var lineBytes = 0
    private var lineEndsInReturn = false
    private var lineIsData = false
    private var eventHasData = false
    private var eventHasText = false
    /// Where the text stood in the last event, from the start of its line: it stands there in the next one too.
    private var hint = 0
    /// The end of a data line that is not whole and has shown no text yet.
    private var tail = LineTail()

    /// - Parameter looksForText: false when the engine will say what it used.
    @inline(__always)
    mutating func read(_ bytes: UnsafeRawBufferPointer, looksForText: Bool) {
        if !readOneEvent(bytes, looksForText: looksForText) { readLines(bytes, looksForText: looksForText) }
    }

    @inline(never)
    private mutating func readLines(_ bytes: UnsafeRawBufferPointer, looksForText: Bool) {
        var position = 0
        while position < bytes.count {
            let feed = bytes.firstIndex(of: 0x0A, from: position)
            let end = feed ?? bytes.count
            readLine(bytes.part(position..<end), looksForText: looksForText)
            if feed != nil {
                endLine()
            } else if lineIsData, looksForText, !eventHasText {
                tail.keep(bytes.part(position..<end))
            }
            position = end + 1
        }
    }

    /// The short way: bytes that are exactly one event of one data line, as nearly every chunk of an engine is.
    @inline(__always)
    private mutating func readOneEvent(_ bytes: UnsafeRawBufferPointer, looksForText: Bool) -> Bool {
        let feed = bytes.count - 2
        guard isBetweenEvents, feed > 0, bytes[0] == UInt8(ascii: "d"), bytes[feed] == 0x0A, bytes[feed + 1] == 0x0A,
            bytes.firstIndex(of: 0x0A, from: 0) == feed
        else { return false }
        events += 1
        if looksForText {
            if holdsText(bytes.part(0..<feed)) { textEvents += 1 }
        }
        return true
    }

    private mutating func readLine(_ part: UnsafeRawBufferPointer, looksForText: Bool) {
        guard let last = part.last else { return }
        isBetweenEvents = false
        if lineBytes == 0 { lineIsData = part[0] == UInt8(ascii: "d") }
        lineBytes += part.count
        lineEndsInReturn = last == 0x0D
        if lineIsData { readData(part, looksForText: looksForText) }
    }

    private mutating func readData(_ part: UnsafeRawBufferPointer, looksForText: Bool) {
        eventHasData = true
        guard looksForText, !eventHasText else { return }
        eventHasText = holdsText(part) || tail.joins(part) { EventText.firstText(in: $0) != nil }
    }

    @inline(__always)
    private mutating func holdsText(_ line: UnsafeRawBufferPointer) -> Bool {
        if hint > 0, EventText.isText(in: line, colon: hint) { return true }
        guard let colon = EventText.firstText(in: line) else { return false }
        hint = colon
        return true
    }

    private mutating func endLine() {
        let isBlank = lineBytes == 0 || lineBytes == 1 && lineEndsInReturn
        lineBytes = 0
        lineEndsInReturn = false
        tail.clear()
        guard isBlank else { return }
        isBetweenEvents = true
        if eventHasData { events += 1 }
        if eventHasText { textEvents += 1 }
        eventHasData = false
        eventHasText = false
    }
}

/// Finds the text of a streamed event by its member's name, without reading the JSON.
private enum EventText {
    /// The last eight bytes before the colon of such a member, as one little-endian number, or what is left of them.
    private static let content: UInt64 = 0x2274_6E65_746E_6F63  // content"
    private static let arguments: UInt64 = 0x2273_746E_656D_7567  // guments"
    private static let reasoning: UInt64 = 0x2267_6E69_6E6F_7361  // asoning"
    private static let thinking: UInt64 = 0x2267_6E69_6B6E_6968  // hinking"
    private static let partialJSON: UInt64 = 0x226E_6F73_6A5F_6C61  // al_json"
    private static let text: UInt64 = 0x2274_7865_7422  // "text"
    private static let delta: UInt64 = 0x22_6174_6C65_6422  // "delta"

    /// The place of the colon of the first member that holds text.
    @inline(never)
    static func firstText(in line: UnsafeRawBufferPointer) -> Int? {
        var position = 0
        while let colon = line.firstIndex(of: UInt8(ascii: ":"), from: position) {
            if isText(in: line, colon: colon) { return colon }
            position = colon + 1
        }
        return nil
    }

    /// Whether a text member's colon stands at `colon`, and its value is a string that is not empty.
    @inline(__always)
    static func isText(in line: UnsafeRawBufferPointer, colon: Int) -> Bool {
        guard colon >= 8, colon + 3 < line.count, line[colon] == UInt8(ascii: ":") else { return false }
        let value = line[colon + 1] == 0x20 ? colon + 2 : colon + 1
        guard line[value] == UInt8(ascii: "\""), line[value + 1] != UInt8(ascii: "\"") else { return false }
        let name = UInt64(littleEndian: line.loadUnaligned(fromByteOffset: colon - 8, as: UInt64.self))
        return name == content || name >> 16 == text || name >> 8 == delta || name == arguments || name == reasoning
            || name == thinking || name == partialJSON
    }
}

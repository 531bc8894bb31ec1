/// Counts the events of an event stream that carry text, as an estimate of the tokens an engine gave where it does not
/// say: most engines send one token an event. Also knows whether the stream stands between two events.
///
/// An event counts when one of its data lines has a `content`, `text`, `delta` or `arguments` member that is a string
/// and not empty. A line that is split over two reads is looked at in its parts, so an event may be missed there.
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

    /// - Parameter looksForText: false when the engine will say what it used.
    mutating func read(_ bytes: UnsafeRawBufferPointer, looksForText: Bool) {
        if readOneEvent(bytes, looksForText: looksForText) { return }
        var position = 0
        while position < bytes.count {
            let feed = bytes.firstIndex(of: 0x0A, from: position)
            let end = feed ?? bytes.count
            readLine(bytes.part(position..<end), looksForText: looksForText)
            if feed != nil { endLine() }
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
            readData(bytes.part(0..<feed), looksForText: true)
            if eventHasText { textEvents += 1 }
            eventHasText = false
            eventHasData = false
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
        if hint > 0, EventText.isText(in: part, colon: hint) {
            eventHasText = true
        } else if let colon = EventText.firstText(in: part) {
            eventHasText = true
            hint = colon
        }
    }

    private mutating func endLine() {
        let isBlank = lineBytes == 0 || lineBytes == 1 && lineEndsInReturn
        lineBytes = 0
        lineEndsInReturn = false
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
    /// The place of the colon of the first member that holds text.
    static func firstText(in line: UnsafeRawBufferPointer) -> Int? {
        var position = 0
        while let colon = line.firstIndex(of: UInt8(ascii: ":"), from: position) {
            if isText(in: line, colon: colon) { return colon }
            position = colon + 1
        }
        return nil
    }

    /// Whether a text member's colon stands at `colon`, and its value is a string that is not empty.
    static func isText(in line: UnsafeRawBufferPointer, colon: Int) -> Bool {
        guard colon >= 7, colon + 2 < line.count, line[colon] == UInt8(ascii: ":"),
            line[colon - 1] == UInt8(ascii: "\"")
        else { return false }
        var value = colon + 1
        if line[value] == 0x20 { value += 1 }
        guard value + 1 < line.count, line[value] == UInt8(ascii: "\""), line[value + 1] != UInt8(ascii: "\"") else {
            return false
        }
        switch line[colon - 2] {
        // content, text
        case UInt8(ascii: "t"): return line.matches("content", at: colon - 8) || line.matches("\"text", at: colon - 6)
        // delta
        case UInt8(ascii: "a"): return line.matches("\"delta", at: colon - 7)
        // arguments
        case UInt8(ascii: "s"): return line.matches("arguments", at: colon - 10)
        default: return false
        }
    }
}

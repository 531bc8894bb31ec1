/// One server-sent event.
public struct ServerSentEvent: Sendable, Hashable {
    public var event: String?
    public var data: String
    public var id: String?

    public init(event: String? = nil, data: String, id: String? = nil) {
        self.event = event
        self.data = data
        self.id = id
    }
}

/// Reads `text/event-stream` by the WHATWG rules from bytes that arrive in any pieces.
///
/// LF, CRLF and CR end a line; comments and unknown fields are skipped; several `data` lines join with a line feed;
/// a byte-order mark at the start is dropped. Call ``finish()`` at the end: a last event without its blank line counts.
public struct SSEReader: Sendable {
    /// One line and one event may not be longer than this.
    public let maxEventBytes: Int
    /// The start of a line whose end has not come.
    private var line: [UInt8] = []
    private var data: String?
    private var dataBytes = 0
    private var event: String?
    private var id: String?
    private var skipLineFeed = false
    private var atStart = true

    public init(maxEventBytes: Int = 16 << 20) { self.maxEventBytes = maxEventBytes }

    public struct TooLong: Error, Sendable {
        public let maxEventBytes: Int
    }

    /// Takes the next bytes and gives every event that is now complete.
    public mutating func read(_ bytes: [UInt8]) throws(TooLong) -> [ServerSentEvent] {
        try bytes.withUnsafeBufferPointer { bytes throws(TooLong) in try read(bytes) }
    }

    /// The same for bytes that are no array.
    public mutating func read(_ bytes: some Sequence<UInt8>) throws(TooLong) -> [ServerSentEvent] {
        try read(Array(bytes))
    }

    private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(TooLong) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        var position = 0
        if skipLineFeed, let first = bytes.first {
            skipLineFeed = false
            if first == 0x0A { position = 1 }
        }
        while position < bytes.count {
            var end = position
            while end < bytes.count, bytes[end] != 0x0A, bytes[end] != 0x0D { end += 1 }
            let rest = UnsafeBufferPointer(rebasing: bytes[position..<end])
            guard line.count + rest.count + dataBytes <= maxEventBytes else {
                throw TooLong(maxEventBytes: maxEventBytes)
            }
            guard end < bytes.count else {
                line.append(contentsOf: rest)
                break
            }
            if let event = endLine(with: rest) { events.append(event) }
            position = end + 1
            guard bytes[end] == 0x0D else { continue }
            skipLineFeed = position == bytes.count
            if position < bytes.count, bytes[position] == 0x0A { position += 1 }
        }
        return events
    }

    /// Ends the stream; gives the last event if its blank line was missing.
    public mutating func finish() -> ServerSentEvent? {
        if !line.isEmpty { _ = endLine(with: UnsafeBufferPointer(start: nil, count: 0)) }
        return dispatch()
    }

    /// - Parameter rest: what came of the line after what is kept of it.
    private mutating func endLine(with rest: UnsafeBufferPointer<UInt8>) -> ServerSentEvent? {
        if line.isEmpty { return take(rest) }
        var whole = line
        whole.append(contentsOf: rest)
        line.removeAll(keepingCapacity: true)
        return whole.withUnsafeBufferPointer { take($0) }
    }

    private mutating func take(_ line: UnsafeBufferPointer<UInt8>) -> ServerSentEvent? {
        var line = line
        if atStart {
            atStart = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = UnsafeBufferPointer(rebasing: line[3...]) }
        }
        guard !line.isEmpty else { return dispatch() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.count
        var start = min(colon + 1, line.count)
        if start < line.count, line[start] == 0x20 { start += 1 }
        let value = UnsafeBufferPointer(rebasing: line[start...])
        if Self.isField("data", line, colon) {
            let text = String(decoding: value, as: UTF8.self)
            if data == nil {
                data = text
            } else {
                // In place: many short lines cost what their bytes do.
                data?.append("\n")
                data?.append(text)
            }
            dataBytes += value.count + 1
        } else if Self.isField("event", line, colon) {
            event = String(decoding: value, as: UTF8.self)
        } else if Self.isField("id", line, colon), !value.contains(0) {
            id = String(decoding: value, as: UTF8.self)
        }
        return nil
    }

    private static func isField(_ name: StaticString, _ line: UnsafeBufferPointer<UInt8>, _ colon: Int) -> Bool {
        guard name.utf8CodeUnitCount == colon else { return false }
        for index in 0..<colon where line[index] != name.utf8Start[index] { return false }
        return true
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            data = nil
            dataBytes = 0
            event = nil
        }
        return data.map { ServerSentEvent(event: event, data: $0, id: id) }
    }
}

extension ServerSentEvent {
    /// The event as it travels. Line breaks in the data become several `data` lines.
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        if let event { out.append(contentsOf: "event: \(event)\n".utf8) }
        if let id { out.append(contentsOf: "id: \(id)\n".utf8) }
        out.reserveCapacity(out.count + data.utf8.count + 16)
        for line in data.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            out.append(contentsOf: "data: ".utf8)
            out.append(contentsOf: line)
            out.append(0x0A)
        }
        out.append(0x0A)
        return out
    }

    /// A comment line that keeps the connection open.
    package static let keepAlive = Array(": keep-alive\n\n".utf8)
}

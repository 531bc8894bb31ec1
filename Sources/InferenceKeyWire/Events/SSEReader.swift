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
    private var line: [UInt8] = []
    private var data: [UInt8]?
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
        var events: [ServerSentEvent] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            if skipLineFeed {
                skipLineFeed = false
                if rest.first == 0x0A { rest = rest.dropFirst() }
            }
            let end = rest.firstIndex { $0 == 0x0A || $0 == 0x0D }
            line.append(contentsOf: rest[..<(end ?? rest.endIndex)])
            guard line.count + (data?.count ?? 0) <= maxEventBytes else { throw TooLong(maxEventBytes: maxEventBytes) }
            guard let end else { break }
            skipLineFeed = rest[end] == 0x0D
            rest = rest[(end + 1)...]
            if let event = endLine() { events.append(event) }
        }
        return events
    }

    /// The same for bytes that are no array.
    public mutating func read(_ bytes: some Sequence<UInt8>) throws(TooLong) -> [ServerSentEvent] {
        try read(Array(bytes))
    }

    /// Ends the stream; gives the last event if its blank line was missing.
    public mutating func finish() -> ServerSentEvent? {
        if !line.isEmpty { _ = endLine() }
        return dispatch()
    }

    private mutating func endLine() -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        if atStart {
            atStart = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        guard !line.isEmpty else { return dispatch() }
        let colon = line.firstIndex(of: UInt8(ascii: ":"))
        let field = line[..<(colon ?? line.endIndex)]
        var value = colon.map { line[($0 + 1)...] } ?? []
        if value.first == 0x20 { value = value.dropFirst() }
        switch String(decoding: field, as: UTF8.self) {
        case "data":
            if data == nil {
                data = Array(value)
            } else {
                data?.append(0x0A)
                data?.append(contentsOf: value)
            }
        case "event": event = String(decoding: value, as: UTF8.self)
        case "id": if !value.contains(0) { id = String(decoding: value, as: UTF8.self) }
        default: break
        }
        return nil
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            data = nil
            event = nil
        }
        guard let data else { return nil }
        return ServerSentEvent(event: event, data: String(decoding: data, as: UTF8.self), id: id)
    }
}

extension ServerSentEvent {
    /// The event as it travels. Line breaks in the data become several `data` lines.
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        if let event { out.append(contentsOf: "event: \(event)\n".utf8) }
        if let id { out.append(contentsOf: "id: \(id)\n".utf8) }
        for line in data.split(separator: "\n", omittingEmptySubsequences: false) {
            out.append(contentsOf: "data: ".utf8)
            out.append(contentsOf: line.utf8)
            out.append(0x0A)
        }
        out.append(0x0A)
        return out
    }

    /// A comment line that keeps the connection open.
    package static let keepAlive = Array(": keep-alive\n\n".utf8)
}

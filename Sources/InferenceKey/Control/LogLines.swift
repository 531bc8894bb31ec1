/// One line that an engine wrote.
public struct LogLine: Sendable, Hashable {
    public var replicaID: String
    public var timestamp: Timestamp?
    public var text: String

    public init(replicaID: String, timestamp: Timestamp?, text: String) {
        self.replicaID = replicaID
        self.timestamp = timestamp
        self.text = text
    }

    /// Nil for something else than a line.
    package init?(json: JSONValue) {
        guard let text = json["text"]?.stringValue else { return nil }
        let moment = json["ts"]
        self.init(
            replicaID: json["replica_id"]?.stringValue ?? "",
            timestamp: moment?.stringValue.flatMap(Timestamp.init(rfc3339:))
                ?? moment?.intValue.map { Timestamp(milliseconds: Int64($0)) },
            text: text)
    }

    public var json: JSONValue {
        [
            "replica_id": .string(replicaID), "ts": .optional(timestamp?.description), "text": .string(text),
        ]
    }
}

/// The log lines of a workload, in order. Can be read once.
public struct LogLines: AsyncSequence, Sendable {
    public typealias Element = LogLine
    public typealias Failure = InferenceKeyError

    private enum Source: Sendable {
        case lines([LogLine])
        case events(EventStream)
    }

    private let source: Source

    init(_ lines: [LogLine]) { source = .lines(lines) }
    init(following events: EventStream) { source = .events(events) }

    public func makeAsyncIterator() -> Iterator {
        switch source {
        case .lines(let lines): Iterator(rest: lines[...], events: nil)
        case .events(let events): Iterator(rest: [], events: events)
        }
    }

    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var rest: ArraySlice<LogLine>
        fileprivate let events: EventStream?

        /// The next line; nil when there are no more, or the server ended the stream.
        public mutating func next() async throws(InferenceKeyError) -> LogLine? {
            if let line = rest.popFirst() { return line }
            guard let events else { return nil }
            while let event = try await events.next() {
                if let json = try? JSONValue(parsing: event.data), let line = LogLine(json: json) { return line }
            }
            return nil
        }

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(InferenceKeyError) -> LogLine? {
            try await next()
        }
    }
}

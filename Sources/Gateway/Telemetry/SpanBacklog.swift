/// The traced requests that wait for the collector. Bounded: the newest find no room. Pure.
struct SpanBacklog {
    /// Requests; each has up to two spans.
    static let limit = 8192
    static let maxBatch = 512

    private let limit: Int
    private var waiting: [RequestRecord] = []

    init(limit: Int = SpanBacklog.limit) { self.limit = limit }

    var isEmpty: Bool { waiting.isEmpty }
    var hasBatch: Bool { waiting.count >= Self.maxBatch }

    /// Gives those that find no room.
    mutating func add(_ records: some Sequence<RequestRecord>) -> [RequestRecord] {
        var dropped: [RequestRecord] = []
        for record in records {
            if waiting.count < limit { waiting.append(record) } else { dropped.append(record) }
        }
        return dropped
    }

    /// The oldest, at most ``maxBatch``.
    mutating func takeBatch() -> [RequestRecord] {
        let batch = Array(waiting.prefix(Self.maxBatch))
        waiting.removeFirst(batch.count)
        return batch
    }

    /// A batch that was not taken, before the others. Gives those that find no room.
    mutating func putBack(_ batch: [RequestRecord]) -> [RequestRecord] {
        waiting.insert(contentsOf: batch, at: 0)
        let over = max(0, waiting.count - limit)
        let dropped = Array(waiting.suffix(over))
        waiting.removeLast(over)
        return dropped
    }

    mutating func takeAll() -> [RequestRecord] {
        defer { waiting = [] }
        return waiting
    }
}

extension RequestRecord {
    /// One for the request and, if an engine was asked, one for that.
    var spanCount: Int { stages.chosen == nil ? 1 : 2 }
}

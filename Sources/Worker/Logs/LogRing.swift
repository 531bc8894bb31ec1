package import InferenceKeyWire

/// The newest lines of a log; older ones fall out.
package struct LogRing: Sendable {
    package struct Entry: Sendable, Hashable {
        /// Grows by one per line, so that a reader knows what it has seen.
        package var number: Int
        package var at: Timestamp
        package var text: String
    }

    package let maxLines: Int
    private var entries: [Entry] = []
    /// Where the oldest entry stands once the ring is full.
    private var head = 0
    private(set) var nextNumber = 0
    var oldestNumber: Int { nextNumber - entries.count }

    package init(maxLines: Int = 2000) { self.maxLines = maxLines }

    package mutating func append(_ text: String, at: Timestamp) {
        let entry = Entry(number: nextNumber, at: at, text: text)
        nextNumber += 1
        if entries.count < maxLines {
            entries.append(entry)
        } else {
            entries[head] = entry
            head = (head + 1) % maxLines
        }
    }

    /// The newest `count` lines, oldest first.
    package func tail(_ count: Int) -> [Entry] {
        let wanted = Swift.max(0, Swift.min(count, entries.count))
        return (entries.count - wanted..<entries.count).map { entries[(head + $0) % entries.count] }
    }

    /// At most `limit` lines from the line `number` on, oldest first.
    package func lines(from number: Int, limit: Int) -> [Entry] {
        Array(tail(nextNumber - number).prefix(limit))
    }
}

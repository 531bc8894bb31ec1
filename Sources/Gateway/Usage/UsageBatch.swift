import Fleet

/// Usage under a number that makes it count once: of one run of one Gateway, up to ``sequence``.
///
/// The Manager remembers the highest number it has counted of each run. Numbers are given in order and offered in order,
/// so a batch that several were merged into is named by the last of them.
struct UsageBatch: Sendable, Equatable {
    /// More records make several batches: a report must fit into the Manager's limit of a body.
    static let maxRecords = 1000

    var run: String
    var sequence: Int
    private(set) var records: [UsageRecord]

    init(run: String, sequence: Int, records: [UsageRecord]) {
        self.run = run
        self.sequence = sequence
        self.records = records
    }

    /// Takes the next batch of the same run in; false when both together are too many.
    mutating func merge(_ next: UsageBatch) -> Bool {
        guard next.run == run else { return false }
        var merged = records
        for record in next.records {
            if let place = merged.firstIndex(where: { $0.hasName(of: record) }) {
                merged[place].add(record)
            } else {
                merged.append(record)
            }
        }
        guard merged.count <= Self.maxRecords else { return false }
        records = merged
        sequence = next.sequence
        return true
    }

    /// Records as batches of at most ``maxRecords``, numbered after `sequence`.
    static func split(_ records: [UsageRecord], run: String, after sequence: Int) -> [UsageBatch] {
        stride(from: 0, to: records.count, by: maxRecords).enumerated().map { index, start in
            UsageBatch(
                run: run, sequence: sequence + index + 1,
                records: Array(records[start..<min(start + maxRecords, records.count)]))
        }
    }
}

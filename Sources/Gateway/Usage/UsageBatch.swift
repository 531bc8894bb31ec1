import Fleet

/// Usage under a number that makes it count once: of one run of one Gateway.
///
/// The Manager remembers the highest number it has counted of each run. Numbers are given in order and offered in order;
/// a batch grows until it is offered.
struct UsageBatch: Sendable, Equatable {
    /// More records make several batches: a report must fit into the Manager's limit of a body.
    static let maxRecords = 1000

    var run: String
    var sequence: Int
    var records: [UsageRecord]

    init(run: String, sequence: Int, records: [UsageRecord]) {
        self.run = run
        self.sequence = sequence
        self.records = records
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

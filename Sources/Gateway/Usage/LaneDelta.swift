import Fleet
import InferenceKeyWire

/// What was settled since the last collection, and what is open now.
struct LaneDelta: Sendable {
    /// What one cell of one loop has gained.
    struct Change: Sendable, Hashable {
        var lane: Int
        /// 0 for a cell that is in no book.
        var serial: UInt64
        var name: UsageCellName
        var sums: UsageTotal
    }

    var changes: [Change] = []
    /// Requests under way, added up: what they are settled as should the power fail now.
    private(set) var open: [UsageCellName: UsageRecord] = [:]
    var lastUsed: [String: Timestamp] = [:]
    /// Cells that are no more.
    var retired: [JournalState.CellID] = []

    mutating func addOpen(_ name: UsageCellName, _ sums: UsageSums) {
        let record = UsageRecord.cut(name, sums)
        guard open[name]?.add(record) == nil else { return }
        open[name] = record
    }

    mutating func add(_ other: LaneDelta) {
        changes += other.changes
        retired += other.retired
        for (name, record) in other.open where open[name]?.add(record) == nil { open[name] = record }
        for (key, time) in other.lastUsed { lastUsed[key] = max(time, lastUsed[key] ?? time) }
    }

    /// What was settled, added up by name, in a fixed order.
    var records: [UsageRecord] {
        var sums: [UsageCellName: UsageTotal] = [:]
        for change in changes { sums[change.name, default: UsageTotal()].add(change.sums) }
        return sums.flatMap { $0.value.records(of: $0.key) }.sorted { $0.isOrdered(before: $1) }
    }
}

extension UsageRecord {
    /// By day, project, workload, key, told first.
    func isOrdered(before other: UsageRecord) -> Bool {
        let left = (day, projectID.text, workloadSlug, keyID, isEstimated ? 1 : 0)
        let right = (other.day, other.projectID.text, other.workloadSlug, other.keyID, other.isEstimated ? 1 : 0)
        return left < right
    }

    /// What it counts for.
    var name: UsageRecordName {
        UsageRecordName(
            cell: UsageCellName(day: day, projectID: projectID, workloadSlug: workloadSlug, keyID: keyID),
            isEstimated: isEstimated)
    }
}

/// What a record of usage counts for.
struct UsageRecordName: Sendable, Hashable {
    var cell: UsageCellName
    var isEstimated: Bool
}

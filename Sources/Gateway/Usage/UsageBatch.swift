import Fleet
import InferenceKeyWire

/// Usage that has not been reported yet, added up per day, project, workload and key.
struct UsageBatch: Sendable, Equatable {
    private struct Name: Hashable {
        var day: String
        var project: ProjectID
        var workload: String
        var key: String
    }

    private var sums: [Name: UsageRecord] = [:]
    private(set) var lastUsed: [String: Timestamp] = [:]

    var isEmpty: Bool { sums.isEmpty }

    /// In a fixed order.
    var records: [UsageRecord] {
        sums.values.sorted {
            ($0.day, $0.projectID, $0.workloadSlug, $0.keyID) < ($1.day, $1.projectID, $1.workloadSlug, $1.keyID)
        }
    }

    mutating func add(_ record: UsageRecord) {
        let name = Name(day: record.day, project: record.projectID, workload: record.workloadSlug, key: record.keyID)
        guard var sum = sums[name] else { return sums[name] = record }
        sum.requests += record.requests
        sum.failedRequests += record.failedRequests
        sum.tokensIn += record.tokensIn
        sum.tokensOut += record.tokensOut
        sum.milliseconds += record.milliseconds
        sums[name] = sum
    }

    mutating func use(_ key: String, at time: Timestamp) {
        lastUsed[key] = max(time, lastUsed[key] ?? time)
    }

    mutating func add(_ other: UsageBatch) {
        for record in other.sums.values { add(record) }
        for (key, time) in other.lastUsed { use(key, at: time) }
    }
}

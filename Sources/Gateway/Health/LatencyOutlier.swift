/// Finds the replica that is far slower than the others of its workload.
enum LatencyOutlier {
    /// The answers of one replica in one window.
    struct Sample: Sendable, Equatable {
        var count: Int
        /// Of all of them.
        var microseconds: Int64

        var mean: Double { Double(microseconds) / Double(max(1, count)) }
    }

    /// The place of the slowest one that is an outlier; nil when there is none, or nothing to compare it with.
    static func find(_ samples: [Sample], _ rules: HealthRules) -> Int? {
        let judged = samples.indices.filter { samples[$0].count >= rules.leastAnswers }
        guard let slowest = judged.max(by: { samples[$0].mean < samples[$1].mean }) else { return nil }
        let others = judged.filter { $0 != slowest }.map { samples[$0].mean }.sorted()
        guard !others.isEmpty else { return nil }
        let median = others[others.count / 2]
        let mean = samples[slowest].mean
        let excess = Double(rules.leastExcessMilliseconds) * 1000
        return mean > median * rules.outlierFactor && mean > median + excess ? slowest : nil
    }
}

/// When a replica that lets requests down gets none for a while.
package struct HealthRules: Sendable, Hashable {
    /// Answers of 500 and more, or connections that broke before a byte of an answer, in a row. A connection that
    /// cannot be opened is enough by itself.
    package var failuresInARow = 3
    /// The first time without requests; each next one is twice as long, up to ``longestMilliseconds``.
    package var firstMilliseconds: Int64 = 1000
    package var longestMilliseconds: Int64 = 60_000
    /// How long one request alone looks whether a replica is well again.
    package var probeMilliseconds: Int64 = 10_000
    /// A replica that has served for as long as this begins with the first time again.
    package var forgetAfterMilliseconds: Int64 = 120_000
    /// How often the times to answer of a workload's replicas are compared.
    package var windowMilliseconds: Int64 = 10_000
    /// A replica with fewer answers than this in a window is not judged by them.
    package var leastAnswers = 10
    /// A replica is an outlier when its mean time to answer is that many times the median of the others, and longer
    /// by ``leastExcessMilliseconds``.
    package var outlierFactor = 5.0
    package var leastExcessMilliseconds: Int64 = 1000

    package init() {}

    /// The time without requests at that many ejections before.
    func ejectionMilliseconds(after level: Int) -> Int64 {
        min(longestMilliseconds, firstMilliseconds << Int64(min(level, 16)))
    }
}

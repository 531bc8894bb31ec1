/// Counts numbers of tokens in the buckets of OpenTelemetry's generative-AI conventions: 4ⁿ, 1 to 67,108,864.
struct TokenHistogram: Sendable, Equatable {
    static let bucketCount = 14

    private(set) var buckets = [UInt64](repeating: 0, count: bucketCount + 1)
    /// All tokens.
    private(set) var sum: UInt64 = 0

    mutating func record(_ tokens: Int) {
        let value = UInt64(max(0, tokens))
        sum &+= value
        buckets[Self.bucket(of: value)] += 1
    }

    mutating func add(_ other: TokenHistogram) {
        for index in buckets.indices { buckets[index] += other.buckets[index] }
        sum &+= other.sum
    }

    /// The upper bound of a bucket, as Prometheus writes it.
    static func bound(_ bucket: Int) -> String { bucket < bucketCount ? "\(1 << (2 * bucket))" : "+Inf" }

    /// The first bucket whose bound is not below the value.
    private static func bucket(of value: UInt64) -> Int {
        guard value > 1 else { return 0 }
        let bits = UInt64.bitWidth - (value - 1).leadingZeroBitCount
        return min(bucketCount, (bits + 1) / 2)
    }
}

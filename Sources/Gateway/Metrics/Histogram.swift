/// Counts durations in the buckets of OpenTelemetry's generative-AI conventions: 0.01 · 2ⁿ seconds, 0.01 to 81.92.
struct Histogram: Sendable, Equatable {
    static let bucketCount = 14

    private(set) var buckets = [UInt64](repeating: 0, count: bucketCount + 1)
    private(set) var sumNanoseconds: UInt64 = 0

    var count: UInt64 { buckets.reduce(0, +) }

    mutating func record(nanoseconds: Int64) {
        let value = UInt64(max(0, nanoseconds))
        sumNanoseconds &+= value
        buckets[Self.bucket(of: value)] += 1
    }

    mutating func add(_ other: Histogram) {
        for index in buckets.indices { buckets[index] += other.buckets[index] }
        sumNanoseconds &+= other.sumNanoseconds
    }

    /// The upper bound of a bucket in seconds, as Prometheus writes it.
    static func bound(_ bucket: Int) -> String { bucket < bucketCount ? "\(0.01 * Double(1 << bucket))" : "+Inf" }

    /// The first bucket whose bound is not below the value.
    private static func bucket(of nanoseconds: UInt64) -> Int {
        let unit: UInt64 = 10_000_000
        guard nanoseconds > unit else { return 0 }
        let units = (nanoseconds - 1) / unit
        return min(bucketCount, UInt64.bitWidth - units.leadingZeroBitCount)
    }
}

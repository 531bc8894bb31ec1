/// One metric: its name, what it counts, and how it is shown to Prometheus.
struct MetricFamily: Sendable, Hashable {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    let name: String
    let help: String
    let kind: Kind
    /// Upper bounds of a histogram's buckets, in its unit.
    let buckets: [Double]

    init(_ kind: Kind, _ name: String, _ help: String, buckets: [Double] = []) {
        self.kind = kind
        self.name = "inferencekey_\(name)"
        self.help = help
        self.buckets = buckets
    }

    /// 0.01·2ⁿ s, from a hundredth of a second to 81.92 s, with two finer ones below for a control plane.
    static let durations: [Double] = [0.001, 0.0025] + (0...13).map { 0.01 * Double(1 << $0) }
}

/// The labels of one series, in a fixed order.
typealias MetricLabels = [MetricLabel]

struct MetricLabel: Sendable, Hashable {
    let name: String
    let value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

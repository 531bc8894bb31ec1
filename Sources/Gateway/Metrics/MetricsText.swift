/// Writes families of metrics as Prometheus text, version 0.0.4.
struct MetricsText {
    enum Kind: String {
        case counter, gauge, histogram
    }

    private(set) var text = ""

    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP inferencekey_gateway_\(name) \(help)\n# TYPE inferencekey_gateway_\(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ name: String, _ labels: String, _ value: UInt64) {
        text += "inferencekey_gateway_\(name)" + (labels.isEmpty ? "" : "{\(labels)}") + " \(value)\n"
    }

    mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: UInt64) {
        family(name, kind, help)
        sample(name, "", value)
    }

    mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
        family(name, .histogram, help)
        series(name, "", histogram)
    }

    /// One more series of a family of histograms.
    mutating func series(_ name: String, _ labels: String, _ histogram: Histogram) {
        buckets(
            name, labels, histogram.buckets, bound: Histogram.bound, sum: "\(Double(histogram.sumNanoseconds) / 1e9)")
    }

    mutating func series(_ name: String, _ labels: String, _ histogram: TokenHistogram) {
        buckets(name, labels, histogram.buckets, bound: TokenHistogram.bound, sum: "\(histogram.sum)")
    }

    private mutating func buckets(
        _ name: String, _ labels: String, _ counts: [UInt64], bound: (Int) -> String, sum: String
    ) {
        var total: UInt64 = 0
        let before = labels.isEmpty ? "" : labels + ","
        for (bucket, count) in counts.enumerated() {
            total += count
            sample("\(name)_bucket", "\(before)le=\"\(bound(bucket))\"", total)
        }
        text += "inferencekey_gateway_\(name)_sum" + (labels.isEmpty ? "" : "{\(labels)}") + " \(sum)\n"
        sample("\(name)_count", labels, total)
    }

    /// The value of a label between its quotes.
    static func escape(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x22 || $0 == 0x5C || $0 == 0x0A }) else { return value }
        return value.reduce(into: "") { out, character in
            switch character {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            default: out.append(character)
            }
        }
    }
}

import Synchronization

/// Counts and measures in memory, shown as Prometheus text (`text/plain; version=0.0.4`).
final class MetricsRegistry: Sendable {
    private struct Series: Hashable {
        let family: MetricFamily
        let labels: MetricLabels
    }

    private struct Histogram {
        var counts: [Int]
        var sum = 0.0
        var count = 0
    }

    private struct State {
        var values: [Series: Double] = [:]
        var histograms: [Series: Histogram] = [:]
    }

    private let state = Mutex(State())

    func add(_ amount: Double = 1, to family: MetricFamily, _ labels: MetricLabels = []) {
        state.withLock { $0.values[Series(family: family, labels: labels), default: 0] += amount }
    }

    func observe(_ value: Double, in family: MetricFamily, _ labels: MetricLabels = []) {
        state.withLock { state in
            let series = Series(family: family, labels: labels)
            var histogram =
                state.histograms[series] ?? Histogram(counts: Array(repeating: 0, count: family.buckets.count))
            if let bucket = family.buckets.firstIndex(where: { value <= $0 }) { histogram.counts[bucket] += 1 }
            histogram.sum += value
            histogram.count += 1
            state.histograms[series] = histogram
        }
    }

    /// Everything counted so far, with `gauges` that are read at this moment.
    func text(gauges: [(family: MetricFamily, labels: MetricLabels, value: Double)]) -> String {
        let (values, histograms) = state.withLock { ($0.values, $0.histograms) }
        var lines: [MetricFamily: [String]] = [:]
        for (series, value) in values { lines[series.family, default: []].append(line(series, value)) }
        for gauge in gauges {
            let series = Series(family: gauge.family, labels: gauge.labels)
            lines[gauge.family, default: []].append(line(series, gauge.value))
        }
        for (series, histogram) in histograms {
            lines[series.family, default: []].append(self.lines(series, histogram).joined(separator: "\n"))
        }
        return lines.sorted { $0.key.name < $1.key.name }.map { family, lines in
            "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
                + lines.sorted().joined(separator: "\n") + "\n"
        }.joined()
    }

    private func line(_ series: Series, _ value: Double, suffix: String = "", extra: MetricLabels = []) -> String {
        let labels = (series.labels + extra).map { "\($0.name)=\"\(escape($0.value))\"" }.joined(separator: ",")
        return "\(series.family.name)\(suffix)\(labels.isEmpty ? "" : "{\(labels)}") \(number(value))"
    }

    private func lines(_ series: Series, _ histogram: Histogram) -> [String] {
        var running = 0
        var out: [String] = []
        for (bound, count) in zip(series.family.buckets, histogram.counts) {
            running += count
            let bucket = MetricLabel("le", number(bound))
            out.append(line(series, Double(running), suffix: "_bucket", extra: [bucket]))
        }
        let last = MetricLabel("le", "+Inf")
        out.append(line(series, Double(histogram.count), suffix: "_bucket", extra: [last]))
        out.append(line(series, histogram.sum, suffix: "_sum"))
        out.append(line(series, Double(histogram.count), suffix: "_count"))
        return out
    }

    private func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    private func escape(_ text: String) -> String {
        var out = ""
        for character in text {
            switch character {
            case "\\": out += "\\\\"
            case "\"": out += "\\\""
            case "\n": out += "\\n"
            default: out.append(character)
            }
        }
        return out
    }
}

package import Worker

/// An engine's `/metrics`, read for a few names.
package struct PrometheusText: Sendable {
    private let text: String

    package init(_ text: String) { self.text = text }

    /// The sum over all label sets of the metrics of these names; nil when there is none.
    package func sum(of names: [String]) -> Double? {
        var sum: Double?
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let name = line.prefix { $0 != "{" && $0 != " " }
            guard names.contains(where: { $0 == name }) else { continue }
            let rest = line.lastIndex(of: "}").map { line[line.index(after: $0)...] } ?? line.dropFirst(name.count)
            guard let value = rest.split(separator: " ").first.flatMap({ Double($0) }) else { continue }
            sum = (sum ?? 0) + value
        }
        return sum
    }

    package func activity(running: [String], progress: [String]) -> EngineActivity? {
        guard let running = sum(of: running), let progress = sum(of: progress) else { return nil }
        return EngineActivity(running: running, progress: progress)
    }
}

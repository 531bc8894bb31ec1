/// The labels of one workload's series.
struct SeriesName: Sendable, Hashable, Comparable {
    var project: String
    var workload: String

    /// Requests that reached no workload: without labels.
    static let none = SeriesName(project: "", workload: "")
    /// All workloads beyond ``LabelSets/limit``.
    static let other = SeriesName(project: "other", workload: "other")

    static func < (left: SeriesName, right: SeriesName) -> Bool {
        (left.project, left.workload) < (right.project, right.workload)
    }

    /// As they stand between the braces of a sample.
    var labels: String {
        guard self != .none else { return "" }
        return "project=\"\(MetricsText.escape(project))\",workload=\"\(MetricsText.escape(workload))\""
    }
}

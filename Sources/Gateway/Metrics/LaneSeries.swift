/// One workload's figures on one loop.
final class WorkloadSeries {
    let name: SeriesName
    var figures = WorkloadFigures()
    /// How many workloads count in it: more than one where tenants have chosen the same names.
    var holders = 0

    init(_ name: SeriesName) { self.name = name }
}

/// The series of one loop: one for each workload that had a request, as far as ``LabelSets`` allows.
struct LaneSeries {
    private let labels: LabelSets
    private var series: [SeriesName: WorkloadSeries] = [:]
    /// Of requests that reached no workload.
    let unplaced = WorkloadSeries(.none)
    private let other = WorkloadSeries(.other)

    init(labels: LabelSets) { self.labels = labels }

    /// The series that requests of `endpoint` count in.
    mutating func series(of endpoint: Endpoint) -> WorkloadSeries {
        if let known = endpoint.series { return known }
        let name = SeriesName(project: endpoint.projectSlug, workload: endpoint.slug)
        let found = series[name] ?? admit(name)
        endpoint.series = found
        found.holders += 1
        return found
    }

    private mutating func admit(_ name: SeriesName) -> WorkloadSeries {
        guard labels.admit(name) else { return other }
        let fresh = WorkloadSeries(name)
        series[name] = fresh
        return fresh
    }

    /// Ends the series of workloads that are no more.
    mutating func dropRetired() {
        for (name, one) in series where one.holders == 0 {
            series[name] = nil
            labels.release(name)
        }
    }

    var figures: [SeriesName: WorkloadFigures] {
        var all = series.mapValues(\.figures)
        all[.none] = unplaced.figures
        if other.figures != WorkloadFigures() { all[.other] = other.figures }
        return all
    }
}

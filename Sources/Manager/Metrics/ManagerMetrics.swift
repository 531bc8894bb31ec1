import Fleet
import InferenceKeyWire
import Planning

/// What the Manager measures of itself. Labels never name a token, a user or a request.
struct ManagerMetrics: Sendable {
    private let registry = MetricsRegistry()

    private static let requests = MetricFamily(
        .counter, "manager_requests_total", "Requests to the control API, by route and class of answer.")
    private static let requestSeconds = MetricFamily(
        .histogram, "manager_request_duration_seconds",
        "Time from a request's head to its answer's head (http.server.request.duration).",
        buckets: MetricFamily.durations)
    private static let build = MetricFamily(.gauge, "build_info", "The version that runs; always 1.")
    private static let workloads = MetricFamily(.gauge, "manager_workloads", "Workloads, by status.")
    private static let replicas = MetricFamily(.gauge, "manager_replicas", "Replicas, by state.")
    private static let workers = MetricFamily(.gauge, "manager_workers", "Workers, by whether they are heard of.")
    private static let gateways = MetricFamily(.gauge, "manager_gateways", "Gateways that are heard of.")
    private static let streams = MetricFamily(.gauge, "manager_open_streams", "Open event streams.")
    private static let commits = MetricFamily(.counter, "ledger_commits_total", "Durable transactions.")
    private static let decisions = MetricFamily(
        .counter, "ledger_decisions_total", "Accepted changes; several share one durable transaction.")
    private static let commitSeconds = MetricFamily(
        .counter, "ledger_commit_seconds_total", "Time spent in durable transactions.")
    private static let passes = MetricFamily(.counter, "reconciler_passes_total", "Looks at the fleet.")
    private static let passSeconds = MetricFamily(
        .counter, "reconciler_seconds_total", "Time spent looking at the fleet.")

    /// `route` is the route's pattern, never the path.
    func count(route: String, status: Int, took: Duration) {
        let route = MetricLabel("route", route)
        registry.add(to: Self.requests, [route, MetricLabel("code_class", "\(status / 100)xx")])
        registry.observe(took.seconds, in: Self.requestSeconds, [route])
    }

    func countPass(took: Duration) {
        registry.add(to: Self.passes)
        registry.add(took.seconds, to: Self.passSeconds)
    }

    func text(_ core: Core) -> String {
        let fleet = core.ledger.current
        let sight = core.sight(of: fleet)
        let ledger = core.ledger.statistics
        var gauges: [(MetricFamily, MetricLabels, Double)] = [
            (Self.build, [MetricLabel("version", core.configuration.version)], 1),
            (Self.gateways, [], Double(core.gatewayLink.liveCount)),
            (Self.streams, [], Double(core.hub.count)), (Self.commits, [], Double(ledger.commits)),
            (Self.decisions, [], Double(ledger.decisions)), (Self.commitSeconds, [], ledger.commitTime.seconds),
        ]
        let statuses = core.verdicts.counts
        for status in WorkloadStatus.allCases {
            gauges.append((Self.workloads, [MetricLabel("status", status.rawValue)], Double(statuses[status] ?? 0)))
        }
        let states = Dictionary(fleet.replicas.values.map { (sight.state(of: $0), 1) }, uniquingKeysWith: +)
        for state in ReplicaState.allCases {
            gauges.append((Self.replicas, [MetricLabel("state", state.rawValue)], Double(states[state] ?? 0)))
        }
        let live = sight.workers.values.filter(\.isLive).count
        gauges.append((Self.workers, [MetricLabel("live", "true")], Double(live)))
        gauges.append((Self.workers, [MetricLabel("live", "false")], Double(sight.workers.count - live)))
        return registry.text(gauges: gauges.map { (family: $0.0, labels: $0.1, value: $0.2) })
    }
}

import Fleet
import InferenceKeyWire

/// One endpoint as one loop serves it. Stays the same object while the tables name it, so that a request that is still
/// being read sees its newest replicas.
final class Endpoint {
    let projectID: ProjectID
    let projectSlug: String
    let slug: String
    let workloadSlug: [UInt8]
    /// Names this endpoint in the loop's usage.
    let serial: UInt32
    private(set) var taskType: TaskType
    private(set) var tasks: TaskSet
    private(set) var modelName: [UInt8]
    private(set) var replicas: [Replica] = []
    /// Those that take new requests, as many as a choice looks at.
    private(set) var takers: [Replica] = []
    private(set) var policy = RoutingPolicy.leastInflight
    /// The header that names a session, in lower case; empty when there is none.
    private(set) var sessionHeader: [UInt8] = []
    private(set) var limits = EndpointLimits()
    private(set) var standing = EndpointStanding()
    private var statusReason: String?
    private var retryAfterMilliseconds: Int?
    private var turn = 0
    /// Where its requests are counted, once there was one.
    var series: WorkloadSeries?

    init(_ route: EndpointRoute, serial: UInt32) {
        projectID = route.projectID
        projectSlug = route.projectSlug
        slug = route.workloadSlug
        workloadSlug = Array(route.workloadSlug.utf8)
        self.serial = serial
        taskType = route.taskType
        tasks = TaskSet(route.taskType)
        modelName = Array(route.modelName.utf8)
    }

    func update(_ route: EndpointRoute, replicas: [Replica], standing: EndpointStanding) {
        taskType = route.taskType
        tasks = TaskSet(route.taskType)
        modelName = Array(route.modelName.utf8)
        statusReason = route.statusReason
        retryAfterMilliseconds = route.retryAfterMilliseconds
        policy = route.routing.policy
        sessionHeader = Array((route.routing.sessionHeader ?? "").utf8)
        limits = route.limits
        replace(standing)
        self.replicas = replicas
        takers = Array(replicas.lazy.filter { !$0.isDraining }.prefix(ReplicaField.maxReplicas))
    }

    /// Serves nothing any more.
    func retire() {
        replicas = []
        takers = []
        statusReason = "the workload was removed"
        replace(EndpointStanding())
        series?.holders -= 1
        series = nil
    }

    private func replace(_ next: EndpointStanding) {
        if let room = standing.room, room !== next.room { room.dissolve() }
        standing = next
    }

    var hasReadyReplica: Bool { !takers.isEmpty }

    func replica(_ id: ReplicaID) -> Replica? { replicas.first { $0.id == id } }

    /// The next number below `count`, over and over.
    func nextTurn(below count: Int) -> Int {
        turn = turn &+ 1 < count ? turn &+ 1 : 0
        return turn
    }

    /// What a caller is told while there is no replica.
    var notReady: Refusal {
        Refusal(
            .workloadNotReady, "the workload \(slug) has no ready replica" + (statusReason.map { ": \($0)" } ?? ""),
            retryAfterMilliseconds: retryAfterMilliseconds ?? Self.defaultRetryMilliseconds)
    }

    static let defaultRetryMilliseconds = 5000
}

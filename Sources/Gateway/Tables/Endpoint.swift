import Fleet
import InferenceKeyWire

/// One endpoint as one loop serves it. Stays the same object while the tables name it, so that a request that is still
/// being read sees its newest replicas.
final class Endpoint {
    let projectID: ProjectID
    let slug: String
    let workloadSlug: [UInt8]
    /// Names this endpoint in the loop's usage.
    let serial: UInt32
    private(set) var taskType: TaskType
    private(set) var tasks: TaskSet
    private(set) var modelName: [UInt8]
    private(set) var replicas: [Replica] = []
    private var statusReason: String?
    private var retryAfterMilliseconds: Int?
    private var turn = 0

    init(_ route: EndpointRoute, serial: UInt32) {
        projectID = route.projectID
        slug = route.workloadSlug
        workloadSlug = Array(route.workloadSlug.utf8)
        self.serial = serial
        taskType = route.taskType
        tasks = TaskSet(route.taskType)
        modelName = Array(route.modelName.utf8)
    }

    func update(_ route: EndpointRoute, replicas: [Replica]) {
        taskType = route.taskType
        tasks = TaskSet(route.taskType)
        modelName = Array(route.modelName.utf8)
        statusReason = route.statusReason
        retryAfterMilliseconds = route.retryAfterMilliseconds
        self.replicas = replicas
    }

    /// Serves nothing any more.
    func retire() {
        replicas = []
        statusReason = "the workload was removed"
    }

    /// The replica with the fewest open requests that takes new ones, none of `tried`; the first after the last choice
    /// among equals. One that just refused a connection comes last.
    func chooseReplica(tried: [Replica], isAvoided: (Replica) -> Bool) -> Replica? {
        var best: Replica?
        var bestLoad = Int.max
        let count = replicas.count
        turn = turn &+ 1 < count ? turn &+ 1 : 0
        for offset in 0..<count {
            let index = turn + offset
            let replica = replicas[index < count ? index : index - count]
            if replica.isDraining || tried.contains(where: { $0 === replica }) { continue }
            let load = replica.load.count + (isAvoided(replica) ? 1 << 32 : 0)
            if load < bestLoad {
                best = replica
                bestLoad = load
            }
        }
        return best
    }

    var hasReadyReplica: Bool { replicas.contains { !$0.isDraining } }

    /// What a caller is told while there is no replica.
    var notReady: Refusal {
        Refusal(
            .workloadNotReady, "the workload \(slug) has no ready replica" + (statusReason.map { ": \($0)" } ?? ""),
            retryAfterMilliseconds: retryAfterMilliseconds ?? Self.defaultRetryMilliseconds)
    }

    static let defaultRetryMilliseconds = 5000
}

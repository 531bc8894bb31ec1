import Fleet
import InferenceKeyWire

/// A worker's watch: its assignment now, then each new one.
struct AssignmentSource: EventSource {
    let worker: WorkerID
    let link: WorkerLink
    let subscription: StreamSubscription
    private var sentGeneration: Int?

    init(worker: WorkerID, link: WorkerLink, subscription: StreamSubscription) {
        self.worker = worker
        self.link = link
        self.subscription = subscription
    }

    mutating func next() async throws -> [UInt8]? {
        while true {
            if let assignment = link.assignment(of: worker), sentGeneration != assignment.generation {
                sentGeneration = assignment.generation
                return assignment.json.event
            }
            guard let reason = await subscription.waker.next() else { return nil }
            if reason == .keepAlive { return ServerSentEvent.keepAlive }
        }
    }
}

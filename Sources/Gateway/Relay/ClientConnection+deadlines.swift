import InferenceKeyWire
import NIOCore

// What happens when a deadline has passed.
extension ClientConnection {
    func checkDeadlines(_ now: NIODeadline) {
        if let stalledSince, now - stalledSince >= lane.limits.writeStall { return stalled() }
        // While the client takes nothing, the engine is not read and cannot be blamed for silence.
        guard now >= deadline, stalledSince == nil || stage != .answering else { return }
        lane.counters.deadlinesPassed += 1
        switch stage {
        case .head:
            if inbound.readableBytes > 0 { respondAndLinger(Self.headTimeout) } else { close() }
        case .body: respondAndLinger(Self.bodyTimeout)
        case .waiting where request.ticket != nil: waitExpired()
        case .waiting:
            noteFailure(.failures)
            upstream?.abandon()
            upstream = nil
            refuse(UpstreamFault.timeout.refusal)
            process()
        case .answering:
            upstream?.abandon()
            upstream = nil
            failedInAnswer(.timeout)
        case .control: controlBodyTimedOut()
        case .local, .discarding, .lingering: close()
        case .closed: break
        }
    }

    private static let headTimeout = Refusal(.requestTimeout, "the request's head did not arrive in time")
    private static let bodyTimeout = Refusal(.requestTimeout, "the request's body did not arrive in time")

    /// The client has not taken a byte for too long.
    private func stalled() {
        lane.counters.deadlinesPassed += 1
        close()
    }
}

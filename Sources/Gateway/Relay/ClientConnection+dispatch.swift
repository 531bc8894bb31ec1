import InferenceKeyWire
import NIOCore

// Choosing a replica, and choosing again while nothing has begun.
extension ClientConnection {
    func dispatch() {
        guard let endpoint = request.endpoint else { return }
        stage = .waiting
        request.story?.isRead()
        guard !mustWait(at: endpoint) else { return wait(at: endpoint) }
        switch choose(at: endpoint) {
        case .replica(let replica, let isProbe): send(to: replica, isProbe: isProbe)
        case .full: wait(at: endpoint)
        case .none: refuse(endpoint.notReady)
        }
    }

    /// The request has been counted in at `replica`.
    func send(to replica: Replica, isProbe: Bool) {
        request.replica = replica
        request.story?.goes(to: replica)
        request.isProbe = isProbe
        deadline = lane.now + lane.limits.upstreamHead
        if !request.needsFreshConnection,
            let kept = replica.takeIdle(now: lane.now, keptFor: lane.limits.upstreamKeepAlive)
        {
            lane.counters.upstreamReuses += 1
            request.isOnKeptConnection = true
            upstream = kept
            send(over: kept)
        } else {
            request.isOnKeptConnection = false
            UpstreamConnection.open(lane, replica, for: self)
        }
    }

    private func send(over connection: UpstreamConnection) {
        connection.begin(for: self, answersHead: false)
        request.sentAt = .now()
        let replica = connection.replica
        let isJSON = request.content == .json
        let body = ForwardedBody(request.body.bytes, model: request.model, isJSON: isJSON, for: replica)
        let head = request.forwarded
        var out = lane.takeBuffer()
        head.write(request.method, body, for: replica, into: &out)
        connection.write(out)
        if !body.isJoined {
            for piece in body.pieces { connection.write(piece) }
        }
        connection.flush()
        lane.giveBack(out)
    }

    func upstreamOpened(_ connection: UpstreamConnection) {
        if stage == .control { sendControl(over: connection) } else { send(over: connection) }
    }

    func upstreamFailedToOpen(_ connection: UpstreamConnection, _ error: any Error) {
        upstream = nil
        if SpareDescriptors.isCause(of: error), stage == .waiting { return finishRefused(Self.noDescriptors) }
        guard stage == .waiting else { return controlFailed(.closed) }
        noteFailure(.unreachable)
        let refusal = Refusal(
            .upstreamFailed, "the engine could not be reached",
            retryAfterMilliseconds: Endpoint.defaultRetryMilliseconds)
        if !tryElsewhere() { finishRefused(refusal) }
    }

    /// Says nothing about the engine.
    private static let noDescriptors = Refusal(
        .noCapacity, "the gateway is out of file descriptors: try again", retryAfterMilliseconds: 1000)

    /// A connection broke while a request was on it.
    func upstreamFailed(_ connection: UpstreamConnection, _ fault: UpstreamFault) {
        upstream = nil
        switch stage {
        case .control: controlFailed(fault)
        case .waiting: failedBeforeHead(fault, hadAnswered: connection.hasAnswered)
        case .answering: failedInAnswer(fault)
        default: break
        }
    }

    /// A kept connection that the engine was closing as we wrote says nothing about the engine: once more on a new one.
    /// An engine that breaks off before a byte of its answer had not begun: one other replica is tried, not more, since
    /// the request itself may be what kills them.
    private func failedBeforeHead(_ fault: UpstreamFault, hadAnswered: Bool) {
        let isEarly = NIODeadline.now() - request.sentAt < lane.limits.staleWindow
        let wasStale = request.isOnKeptConnection && !hadAnswered && isEarly && (fault == .reset || fault == .closed)
        guard wasStale, let replica = request.replica else {
            noteFailure(.failures)
            let hadNotBegun = !hadAnswered && (fault == .reset || fault == .closed)
            if hadNotBegun, request.tried.isEmpty, tryElsewhere() { return }
            return finishRefused(fault.refusal)
        }
        lane.counters.upstreamRetries += 1
        let isProbe = request.isProbe
        request.needsFreshConnection = true
        send(to: replica, isProbe: isProbe)
    }

    /// Tries a replica that has not been tried; false when there is none, or it was enough.
    func tryElsewhere() -> Bool {
        guard let former = request.replica, let endpoint = request.endpoint else { return false }
        request.tried.append(former)
        guard request.tried.count < lane.limits.maxAttempts,
            case .replica(let next, let isProbe) = choose(at: endpoint, isLimited: false)
        else { return false }
        lane.counters.upstreamRetries += 1
        leaveReplica()
        request.needsFreshConnection = false
        send(to: next, isProbe: isProbe)
        return true
    }

    /// The request is no longer open at its replica.
    func leaveReplica() {
        guard let replica = request.replica else { return }
        request.replica = nil
        if request.isProbe { replica.standing.health.endProbe(at: lane.milliseconds) }
        request.isProbe = false
        let open = replica.load.leave()
        if open == 0, replica.isDraining { lane.links.replicaDrained() }
        if let endpoint = request.endpoint { lane.serveWaiting(at: endpoint) }
    }

    private func finishRefused(_ refusal: Refusal) {
        refuse(refusal)
        process()
    }
}

import InferenceKeyWire
import NIOCore

// Ending.
extension ClientConnection {
    /// Ready for the next request, or on the way out.
    func nextRequest(keepsAlive: Bool) {
        request = DataRequest()
        control = nil
        upstream = nil
        scanned = 0
        guard keepsAlive, !lane.isDraining else { return linger() }
        stage = .head
        deadline = lane.now + lane.limits.clientIdle
    }

    /// Says no more; closes when all is written and the client has closed, or a while after.
    func linger() {
        sayNoMore { [self] in
            deadline = .now() + lane.limits.linger
            context?.close(mode: .output, promise: nil)
        }
    }

    /// Reads nothing any more; `last` runs when all is written.
    private func sayNoMore(_ last: @escaping () -> Void) {
        guard stage != .closed, let context else { return }
        stage = .lingering
        inbound = ByteBuffer()
        deadline = lane.now + lane.limits.writeStall
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess { [self] in if stage == .lingering { last() } }
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer()), promise: written)
    }

    func close() {
        guard stage != .closed else { return }
        context?.close(promise: nil)
    }

    /// The connection is gone: so is what was asked of the engine.
    func left() {
        stage = .closed
        if request.isOpen {
            lane.counters.clientsLeft += 1
            request.end = request.end ?? .clientLeft
            settle(failed: false)
        }
        upstream?.abandon()
        upstream = nil
        control = nil
        answer = RelayedAnswer()
        inbound = ByteBuffer()
        lane.dismiss(self)
    }

    func turnAway() {
        let error = ServiceError(.noCapacity, "too many connections: try again", retryAfterMilliseconds: 1000)
        var answer = OwnAnswer(refusal: Refusal(error))
        answer.closes = true
        respond(answer)
        close()
    }
}

// Shutting down.
extension ClientConnection {
    /// Whether a request of its is under way.
    var isAnswering: Bool {
        switch stage {
        case .body, .waiting, .answering, .control, .local: true
        case .head, .discarding, .lingering, .closed: false
        }
    }

    /// The Gateway takes no more requests: goes if nothing is under way, when its last answer is written. Streams from
    /// the Manager never end, and their readers come back by themselves.
    func drain() {
        switch stage {
        case .head: sayNoMore { [self] in close() }
        case .discarding: linger()
        case .control: if control?.isEventStream == true { close() }
        case .body, .waiting, .answering, .local, .lingering, .closed: break
        }
    }

    /// The time to finish is over.
    func cut() {
        let error = ServiceError(.unavailable, "the gateway is shutting down")
        switch stage {
        case .answering where answer.canTellError:
            upstream?.abandon()
            request.end = .cut
            tellInStream(error)
            settle(failed: true)
            nextRequest(keepsAlive: false)
        case .body, .waiting:
            upstream?.abandon()
            request.keepsAlive = false
            respondAndLinger(Refusal(error))
        default:
            if request.isOpen { request.end = .cut }
            close()
        }
    }
}

import Fleet
import InferenceKeyWire
import NIOCore

// Waiting for room while every replica is full.
extension ClientConnection {
    /// Whether others wait already: who comes now stands behind them.
    func mustWait(at endpoint: Endpoint) -> Bool { (endpoint.standing.room?.count ?? 0) > 0 }

    func wait(at endpoint: Endpoint) {
        guard let room = endpoint.standing.room, let key = request.key else { return finishTurnedAway(endpoint, nil) }
        let now = NIODeadline.now()
        let bound = NIOLoopBound(self, eventLoop: lane.loop)
        let loop = lane.loop
        let number = lane.nextWait()
        request.wait = number
        let admission = room.enter(
            key: key.number, limit: endpoint.limits.queue.length, at: Lane.milliseconds(now)
        ) { outcome in
            loop.execute { bound.value.waited(number, outcome) }
        }
        switch admission {
        case .turnedAway(let retry): finishTurnedAway(endpoint, retry)
        case .waits(let ticket):
            request.ticket = ticket
            request.room = room
            request.queuedAt = now
            deadline = now + .milliseconds(Int64(endpoint.limits.queue.maxWaitMilliseconds))
            lane.counters.queue.entered += 1
            lane.counters.queue.waiting += 1
            // Room may have come free since we looked and before we stood in the line.
            lane.serveWaiting(at: endpoint)
        }
    }

    /// - Parameter number: tells this wait from an earlier one of the same connection.
    private func waited(_ number: UInt64, _ outcome: WaitingRoom.Outcome) {
        guard request.wait == number, request.ticket != nil, stage == .waiting, let endpoint = request.endpoint else {
            // The client has left while its room was on the way.
            if case .room(let room) = outcome { room.giveBack(at: lane.milliseconds) }
            return lane.serveWaitingEverywhere()
        }
        endWait()
        switch outcome {
        case .turnedAway(let retry): finishTurnedAway(endpoint, retry)
        case .chooseAgain: dispatch()
        case .room(let room):
            lane.counters.queue.wait.record(nanoseconds: (NIODeadline.now() - request.queuedAt).nanoseconds)
            if let replica = endpoint.replica(room.replica), replica.standing === room.standing, !replica.isDraining {
                noteReader(replica, at: endpoint)
                send(to: replica, isProbe: room.isProbe)
            } else {
                room.giveBack(at: lane.milliseconds)
                dispatch()
            }
        }
        process()
    }

    /// It has waited as long as it may.
    func waitExpired() {
        guard let endpoint = request.endpoint, let ticket = request.ticket, let room = request.room else { return }
        // Its room is on the way.
        guard room.leave(ticket) else { return deadline = lane.now + .seconds(1) }
        endWait()
        lane.counters.queue.expired += 1
        let time = endpoint.limits.queue.maxWaitMilliseconds
        refuse(
            Refusal(
                .noCapacity, "no replica of \(endpoint.slug) had room within \(time) ms: try again",
                retryAfterMilliseconds: room.retryAfterMilliseconds()))
        process()
    }

    /// Waits no longer, whatever the reason.
    func leaveLine() {
        guard let ticket = request.ticket else { return }
        _ = request.room?.leave(ticket)
        endWait()
    }

    private func endWait() {
        request.ticket = nil
        request.room = nil
        lane.counters.queue.waiting -= 1
    }

    private func finishTurnedAway(_ endpoint: Endpoint, _ retryAfterMilliseconds: Int?) {
        lane.counters.queue.turnedAway += 1
        let length = endpoint.limits.queue.length
        let line = length == 0 ? "nobody may wait" : "the line of \(length) is full and the newest is turned away"
        refuse(
            Refusal(
                .noCapacity, "every replica of \(endpoint.slug) is full, and \(line): try again",
                retryAfterMilliseconds: retryAfterMilliseconds ?? Pace.unknownMilliseconds))
    }
}

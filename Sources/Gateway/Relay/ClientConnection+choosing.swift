import Fleet
import NIOCore

// What a request wishes for its replica, and who gets it.
extension ClientConnection {
    /// The replica by the endpoint's policy, the request counted in at it.
    func choose(at endpoint: Endpoint, isLimited: Bool = true) -> Endpoint.Choice {
        var wish = ChoiceWish(policy: endpoint.policy, session: request.session)
        guard Self.looksAtPrompts(endpoint) else { return choose(at: endpoint, wish, isLimited) }
        return withPrompt { prompt in
            wish.prompt = prompt
            return choose(at: endpoint, wish, isLimited)
        }
    }

    /// Room for a request that waited has come free at `replica`.
    func noteReader(_ replica: Replica, at endpoint: Endpoint) {
        guard Self.looksAtPrompts(endpoint) else { return }
        withPrompt { prompt in
            endpoint.noteReader(replica, of: prompt, at: lane.milliseconds, lane.scratch, &lane.counters.choice)
        }
    }

    private static func looksAtPrompts(_ endpoint: Endpoint) -> Bool {
        endpoint.policy == .prefix && endpoint.takers.count > 1
    }

    private func withPrompt<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let start = request.promptStart
        return request.body.bytes.withUnsafeReadableBytes { body($0.part(min(start, $0.count)..<$0.count)) }
    }

    private func choose(at endpoint: Endpoint, _ wish: ChoiceWish, _ isLimited: Bool) -> Endpoint.Choice {
        endpoint.choose(
            wish, tried: request.tried, isLimited: isLimited, at: lane.milliseconds, lane.limits.health, lane.scratch,
            &lane.counters.choice)
    }

    /// The head of the engine's answer has come: it says how the replica is.
    func noteHead(_ status: Int) {
        guard let replica = request.replica else { return }
        // The one key an engine knows is ours: 401 is no fault of the client.
        guard status < 500, status != 401 else { return noteFailure(.failures) }
        let health = replica.standing.health
        if request.endpoint.map({ $0.takers.count > 1 }) == true {
            health.answered(afterNanoseconds: (NIODeadline.now() - request.sentAt).nanoseconds)
        }
        let change = health.succeeded(isProbe: request.isProbe, at: lane.milliseconds)
        request.isProbe = false
        lane.tell(change, of: replica, request.endpoint)
    }

    /// The replica has let the request down before a byte of an answer.
    func noteFailure(_ cause: ReplicaHealth.Cause) {
        guard let replica = request.replica, let endpoint = request.endpoint else { return }
        let now = lane.milliseconds
        let change = replica.standing.health.failed(
            cause, isProbe: request.isProbe, othersServe: endpoint.othersServe(besides: replica, at: now), at: now,
            lane.limits.health)
        request.isProbe = false
        lane.tell(change, of: replica, endpoint)
    }
}

import Fleet
import Logging
import NIOCore

// Looking after replicas.
extension Lane {
    /// The time of the last sweep, for what counts in milliseconds.
    var milliseconds: Int64 { Self.milliseconds(now) }

    static func milliseconds(_ time: NIODeadline) -> Int64 { Int64(time.uptimeNanoseconds / 1_000_000) }

    /// A quarter of a second may have passed since the last time.
    func lookAfterReplicas() {
        counters.choice.ejectedNow = 0
        for endpoint in tables.watched {
            serveWaiting(at: endpoint)
            for replica in endpoint.takers where replica.standing.health.isEjected { counters.choice.ejectedNow += 1 }
            if endpoint.standing.looks.take(at: milliseconds, every: limits.health.windowMilliseconds) {
                compareAnswers(of: endpoint)
            }
        }
    }

    private func compareAnswers(of endpoint: Endpoint) {
        let samples = endpoint.takers.map { $0.standing.health.takeAnswers() }
        for taker in endpoint.takers { taker.standing.fade() }
        guard let index = LatencyOutlier.find(samples, limits.health) else { return }
        let replica = endpoint.takers[index]
        let change = replica.standing.health.isOutlier(
            othersServe: endpoint.othersServe(besides: replica, at: milliseconds), at: milliseconds, limits.health)
        tell(change, of: replica, endpoint)
    }

    /// Counts and logs what became of a replica.
    func tell(_ change: ReplicaHealth.Change?, of replica: Replica, _ endpoint: Endpoint?) {
        switch change {
        case nil: break
        case .ejected(let milliseconds, let cause):
            counters.choice.ejections += 1
            logger.warning(
                "a replica gets no requests for a while",
                metadata: [
                    "replica": "\(replica.id)", "workload": "\(endpoint?.slug ?? "")", "cause": "\(cause.rawValue)",
                    "for_ms": "\(milliseconds)",
                ])
        case .readmitted:
            counters.choice.readmissions += 1
            logger.info(
                "a replica gets requests again",
                metadata: ["replica": "\(replica.id)", "workload": "\(endpoint?.slug ?? "")"])
        }
    }

    func serveWaitingEverywhere() { for endpoint in tables.watched { serveWaiting(at: endpoint) } }

    /// Gives the room there is to those who wait for it.
    func serveWaiting(at endpoint: Endpoint) {
        guard let room = endpoint.standing.room else { return }
        while room.count > 0 {
            let wish = ChoiceWish(policy: .leastInflight)
            guard
                case .replica(let replica, let isProbe) = endpoint.choose(
                    wish, tried: [], at: milliseconds, limits.health, scratch, &counters.choice)
            else { return }
            let place = WaitingRoom.Room(replica: replica.id, standing: replica.standing, isProbe: isProbe)
            if !room.give(place, at: Self.milliseconds(.now())) { place.giveBack(at: milliseconds) }
        }
    }
}

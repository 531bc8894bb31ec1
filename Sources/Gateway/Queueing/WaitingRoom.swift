import Fleet
import Synchronization

/// The requests of one workload that wait for room at its replicas, over all loops. Its lock is taken only while every
/// replica is full: a request that finds room never comes here.
final class WaitingRoom: Sendable {
    /// Room at a replica: whoever gets it has been counted in there.
    struct Room: Sendable {
        var replica: ReplicaID
        var standing: ReplicaStanding
        /// How the request goes says whether the replica is well again.
        var isProbe: Bool

        func giveBack(at now: Int64) {
            if isProbe { standing.health.endProbe(at: now) }
            _ = standing.load.leave()
        }
    }

    enum Outcome: Sendable {
        case room(Room)
        /// Others came and the line was too long.
        case turnedAway(retryAfterMilliseconds: Int)
        /// The limits changed: it may be that nobody has to wait any more.
        case chooseAgain
    }

    /// Called once, from any loop, for one that was not removed before.
    typealias Waiter = @Sendable (Outcome) -> Void
    typealias Ticket = FairLine<Waiter>.Ticket

    enum Admission: Sendable {
        case waits(Ticket)
        case turnedAway(retryAfterMilliseconds: Int)
    }

    private struct State {
        var line = FairLine<Waiter>()
        var pace = Pace()
    }

    private let state = Mutex(State())
    private let waiting = Atomic<Int>(0)

    /// How many wait.
    var count: Int { waiting.load(ordering: .sequentiallyConsistent) }

    func enter(key: UInt32, limit: Int, at now: Int64, _ waiter: @escaping Waiter) -> Admission {
        let (admission, shed, retry) = state.withLock { state -> (Admission, Waiter?, Int) in
            let retry = state.pace.estimate(ahead: state.line.count)
            defer { waiting.store(state.line.count, ordering: .sequentiallyConsistent) }
            switch state.line.add(waiter, key: key, limit: limit) {
            case .waits(let ticket): return (.waits(ticket), nil, retry)
            case .waitsInsteadOf(let other, let ticket): return (.waits(ticket), other, retry)
            case .turnedAway: return (.turnedAway(retryAfterMilliseconds: retry), nil, retry)
            }
        }
        shed?(.turnedAway(retryAfterMilliseconds: retry))
        return admission
    }

    /// False when its outcome is on the way already.
    func leave(_ ticket: Ticket) -> Bool {
        state.withLock { state in
            defer { waiting.store(state.line.count, ordering: .sequentiallyConsistent) }
            return state.line.remove(ticket)
        }
    }

    /// Gives room to the next one; false when nobody waits.
    func give(_ room: Room, at now: Int64) -> Bool {
        guard let waiter = take(at: now) else { return false }
        waiter(.room(room))
        return true
    }

    /// Lets everybody choose again: nobody gives room here any more.
    func dissolve() { while let waiter = take(at: 0) { waiter(.chooseAgain) } }

    /// When one who comes now may find room.
    func retryAfterMilliseconds() -> Int { state.withLock { $0.pace.estimate(ahead: $0.line.count) } }

    private func take(at now: Int64) -> Waiter? {
        state.withLock { state in
            guard let waiter = state.line.next() else { return nil }
            state.pace.served(at: now)
            waiting.store(state.line.count, ordering: .sequentiallyConsistent)
            return waiter
        }
    }
}

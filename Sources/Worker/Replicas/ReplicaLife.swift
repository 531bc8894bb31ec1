package import InferenceKeyWire

/// The life of one replica on its worker: events in, actions out. It does nothing itself.
///
///     placed ──▶ preparing ──▶ starting ──▶ ready ──▶ draining
///                 │   ▲           │           │          │
///                 │   │           └── exited ─┴──────────┤
///                 │   │                  ▼               │
///                 │   │               ended ─────────────┤
///                 ▼   │ waited           │ cleaned       │
///           backingOff, failed ◀─────────┘               │
///                                                        │
///     any ── unassigned, no longer wanted, unhealthy ──▶ stopping ──▶ stopped, or one of the above
///
/// Every state but `stopped` of an unassigned replica leads on: `finish` is the last action of a life.
package struct ReplicaLife: Sendable, Hashable {
    package enum State: Sendable, Hashable {
        case placed
        case preparing
        case starting
        case ready
        case draining
        /// The engine is gone by itself; what it left behind is being removed.
        case ended
        case backingOff
        case failed
        case stopping(Afterwards)
        case stopped
    }

    /// What comes after an ordered stop.
    package enum Afterwards: Sendable, Hashable {
        /// The replica is no longer assigned.
        case finish
        /// It is drained and has nothing to do.
        case rest
        /// It is tried again, as after an exit for that reason.
        case settle(Failure)
    }

    package enum Event: Sendable, Hashable {
        case assigned(isDraining: Bool)
        /// Its engine, started by an earlier run of the agent, runs.
        case adopted
        case prepared
        case spawned
        case becameReady
        /// It could not be prepared or started, or says itself that it cannot serve.
        case failed(Failure)
        /// It runs and is of no use.
        case unhealthy(Failure)
        /// The engine's process ended by itself.
        case exited
        /// Nothing is left of an engine that ended, and why it did.
        case cleaned(Failure)
        case waited
        case unassigned
        /// An ordered stop is over; nothing is left.
        case stopped
    }

    package enum Action: Sendable, Hashable {
        case prepare
        case spawn
        case awaitReady
        case watchHealth
        case clean
        case wait(Duration)
        case stop
        case finish
    }

    package let policy: RestartPolicy
    package private(set) var state = State.placed
    package private(set) var since: Timestamp
    package private(set) var restarts: Int
    /// The last failure; kept until the replica is ready, so that it is seen while it is tried again.
    package private(set) var failure: Failure?
    private var isDraining = false
    private var isAssigned = true
    private var failures = 0
    private var portRetries = 0
    private var readySince: Timestamp?

    package init(policy: RestartPolicy = RestartPolicy(), restarts: Int = 0, at now: Timestamp) {
        self.policy = policy
        self.restarts = restarts
        since = now
    }

    package mutating func handle(_ event: Event, at now: Timestamp) -> [Action] {
        switch event {
        case .assigned(let isDraining): assigned(isDraining: isDraining, at: now)
        case .unassigned: unassigned(at: now)
        case .adopted: move(to: .starting, at: now, from: [.placed], [.awaitReady])
        case .prepared: state == .preparing ? [.spawn] : []
        case .spawned: move(to: .starting, at: now, from: [.preparing], [.awaitReady])
        case .becameReady: becameReady(at: now)
        case .failed(let failure): failed(failure, at: now)
        case .unhealthy(let failure): unhealthy(failure, at: now)
        case .exited: exited(at: now)
        case .cleaned(let failure): state == .ended ? ended(failure, at: now) : []
        case .waited: waited(at: now)
        case .stopped: stopped(at: now)
        }
    }
}

extension ReplicaLife {
    private mutating func assigned(isDraining: Bool, at now: Timestamp) -> [Action] {
        self.isDraining = isDraining
        switch (state, isDraining) {
        case (.placed, false), (.stopped, false): return move(to: .preparing, at: now, [.prepare])
        case (.draining, false): return move(to: .starting, at: now, [.awaitReady])
        case (.starting, true), (.ready, true): return move(to: .draining, at: now, [])
        case (.preparing, true): return move(to: .stopping(.rest), at: now, [.stop])
        case (.placed, true), (.backingOff, true), (.failed, true): return move(to: .stopped, at: now, [])
        default: return []
        }
    }

    private mutating func unassigned(at now: Timestamp) -> [Action] {
        isAssigned = false
        switch state {
        case .placed, .backingOff, .failed, .stopped: return move(to: .stopped, at: now, [.finish])
        case .preparing, .starting, .ready, .draining: return move(to: .stopping(.finish), at: now, [.stop])
        case .stopping: return move(to: .stopping(.finish), at: now, [])
        case .ended: return []
        }
    }

    private mutating func becameReady(at now: Timestamp) -> [Action] {
        guard state == .starting else { return [] }
        readySince = now
        portRetries = 0
        failure = nil
        return move(to: .ready, at: now, [.watchHealth])
    }

    private mutating func failed(_ failure: Failure, at now: Timestamp) -> [Action] {
        switch state {
        case .preparing: return ended(failure, at: now)
        case .starting: return move(to: .stopping(.settle(failure)), at: now, [.stop])
        default: return []
        }
    }

    private mutating func unhealthy(_ failure: Failure, at now: Timestamp) -> [Action] {
        guard state == .ready || state == .starting else { return [] }
        self.failure = failure
        return move(to: .stopping(.settle(failure)), at: now, [.stop])
    }

    private mutating func exited(at now: Timestamp) -> [Action] {
        move(to: .ended, at: now, from: [.starting, .ready, .draining], [.clean])
    }

    private mutating func waited(at now: Timestamp) -> [Action] {
        guard state == .backingOff || state == .failed else { return [] }
        restarts += 1
        return move(to: .preparing, at: now, [.prepare])
    }

    private mutating func stopped(at now: Timestamp) -> [Action] {
        guard case .stopping(let afterwards) = state else { return [] }
        switch afterwards {
        case .finish: return move(to: .stopped, at: now, [.finish])
        case .rest: return isDraining ? move(to: .stopped, at: now, []) : move(to: .preparing, at: now, [.prepare])
        case .settle(let failure): return ended(failure, at: now)
        }
    }

    /// The engine is gone: what now?
    private mutating func ended(_ failure: Failure, at now: Timestamp) -> [Action] {
        if !isAssigned { return move(to: .stopped, at: now, [.finish]) }
        self.failure = failure
        if isDraining { return move(to: .stopped, at: now, []) }
        if let readySince, now.milliseconds(since: readySince) >= policy.forgetAfter.milliseconds { failures = 0 }
        readySince = nil
        if failure.anotherPortMayHelp, portRetries < policy.maxPortRetries {
            portRetries += 1
            restarts += 1
            return move(to: .preparing, at: now, [.prepare])
        }
        failures += 1
        if failure.cause == .engineExited, failures >= policy.crashLoopFailures { self.failure?.cause = .crashLoop }
        switch policy.next(after: failure.cause, failures: failures) {
        case .never: return move(to: .failed, at: now, [])
        case .seldom(let delay): return move(to: .failed, at: now, [.wait(delay)])
        case .after(let delay): return move(to: .backingOff, at: now, [.wait(delay)])
        }
    }

    private mutating func move(
        to state: State, at now: Timestamp, from states: Set<State>? = nil, _ actions: [Action]
    ) -> [Action] {
        if let states, !states.contains(self.state) { return [] }
        self.state = state
        since = now
        return actions
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    package var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}

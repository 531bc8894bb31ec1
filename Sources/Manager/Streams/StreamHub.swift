import Fleet
import ServiceLifecycle
import Synchronization

/// Every open event stream: wakes those that care, keeps the connections alive, ends them all at shutdown.
final class StreamHub: Service {
    private struct State {
        var subscriptions: [UInt64: Entry] = [:]
        var nextID: UInt64 = 0
        var isClosed = false
    }

    private struct Entry {
        let waker: Waker
        let interest: WakeReason
        /// The credential that opened it.
        let credentialID: String?
    }

    /// A comment goes out at least this often.
    private let keepAlive: Duration
    private let clock: any Clock<Duration>
    private let state = Mutex(State())

    init(keepAlive: Duration, clock: any Clock<Duration>) {
        self.keepAlive = keepAlive
        self.clock = clock
    }

    /// A subscription that ends when it is let go of, or with the credential of its caller. After shutdown it is closed
    /// from the start.
    func subscribe(to interest: WakeReason, by caller: Caller? = nil) -> StreamSubscription {
        let waker = Waker()
        let id = state.withLock { state in
            state.nextID += 1
            if state.isClosed {
                waker.close()
            } else {
                state.subscriptions[state.nextID] = Entry(
                    waker: waker, interest: interest.union(.keepAlive), credentialID: caller?.credential?.id)
            }
            return state.nextID
        }
        return StreamSubscription(waker: waker) { [weak self] in self?.remove(id) }
    }

    var count: Int { state.withLock { $0.subscriptions.count } }

    func wake(_ reason: WakeReason) {
        let wakers = state.withLock { state in
            state.subscriptions.values.filter { !$0.interest.isDisjoint(with: reason) }.map { ($0.waker, $0.interest) }
        }
        for (waker, interest) in wakers { waker.wake(reason.intersection(interest)) }
    }

    /// Ends the streams of credentials that open nothing any more.
    func endStreams(unless isValid: (String) -> Bool) {
        let wakers = state.withLock { state in
            let ended = state.subscriptions.filter { $0.value.credentialID.map { !isValid($0) } ?? false }
            for id in ended.keys { state.subscriptions[id] = nil }
            return ended.values.map(\.waker)
        }
        for waker in wakers { waker.close() }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await self.clock.sleep(for: self.keepAlive)
                self.wake(.keepAlive)
            }
        }
        close()
    }

    private func close() {
        let wakers = state.withLock { state in
            state.isClosed = true
            defer { state.subscriptions = [:] }
            return state.subscriptions.values.map(\.waker)
        }
        for waker in wakers { waker.close() }
    }

    private func remove(_ id: UInt64) {
        state.withLock { _ = $0.subscriptions.removeValue(forKey: id) }
    }
}

/// One stream's place in the hub.
final class StreamSubscription: Sendable {
    let waker: Waker
    private let leave: @Sendable () -> Void

    init(waker: Waker, leave: @escaping @Sendable () -> Void) {
        self.waker = waker
        self.leave = leave
    }

    deinit { leave() }
}

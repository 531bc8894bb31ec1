import Synchronization

/// Why a stream should look again.
struct WakeReason: OptionSet, Sendable, Hashable {
    let rawValue: UInt8

    /// Replicas were placed, drained, stopped, or logs asked for.
    static let assignments = WakeReason(rawValue: 1)
    /// Routes or keys changed.
    static let tables = WakeReason(rawValue: 2)
    /// A workload stands differently.
    static let verdicts = WakeReason(rawValue: 4)
    /// Log lines have come.
    static let logs = WakeReason(rawValue: 8)
    /// Nothing was sent for a while.
    static let keepAlive = WakeReason(rawValue: 16)
    /// Time to look, whatever happened.
    static let tick = WakeReason(rawValue: 32)
    /// A Gateway serves by other tables than before.
    static let gateways = WakeReason(rawValue: 64)
}

/// Wakes the one task that waits; what happens while it is busy is kept and joined.
final class Waker: Sendable {
    private struct State {
        var pending: WakeReason = []
        var isClosed = false
        var waiting: CheckedContinuation<WakeReason?, Never>?
    }

    private let state = Mutex(State())

    func wake(_ reason: WakeReason) {
        let waiting = state.withLock { state -> CheckedContinuation<WakeReason?, Never>? in
            guard !state.isClosed else { return nil }
            if let waiting = state.waiting.take() { return waiting }
            state.pending.formUnion(reason)
            return nil
        }
        waiting?.resume(returning: reason)
    }

    /// Ends the wait, now and for ever.
    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            return state.waiting.take()
        }
        waiting?.resume(returning: nil)
    }

    /// What happened since the last call, as soon as anything has; nil once closed or the task is cancelled.
    func next() async -> WakeReason? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> WakeReason?? in
                    if state.isClosed { return .some(nil) }
                    guard state.pending.isEmpty else {
                        defer { state.pending = [] }
                        return .some(state.pending)
                    }
                    state.waiting = continuation
                    return .none
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            close()
        }
    }
}

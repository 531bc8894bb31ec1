import Synchronization

/// Somebody's decision, waiting for its turn, with the place its result goes to.
struct LedgerEntry: Sendable {
    let actor: String
    /// Decides on the draft; false when it refused.
    let decide: @Sendable (inout FleetDraft) -> Bool
    /// Takes back a result that could not be made durable.
    let fail: @Sendable (any Error) -> Void
}

/// Where the result of one decision is kept until its caller may see it.
final class LedgerResult<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)

    func set(_ new: Result<Value, any Error>) { result.withLock { $0 = new } }

    func get() throws -> Value {
        guard let result = result.withLock({ $0 }) else { preconditionFailure("a decision was answered undecided") }
        return try result.get()
    }
}

/// A decision in the queue, and the task that sleeps until it is decided or must lead the next batch itself.
struct LedgerWaiter: Sendable {
    enum Turn: Sendable {
        case decided
        case lead
    }

    let entry: LedgerEntry
    let wake: CheckedContinuation<Turn, Never>
}

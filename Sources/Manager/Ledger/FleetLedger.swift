package import Fleet
import InferenceKeyWire
import Synchronization

/// The one place where the fleet's durable state is decided.
///
/// Callers hand in decisions. Those that wait are decided one after another on a working copy and committed together in
/// one durable transaction; only then is the new state published and are their callers answered. The first caller of a
/// batch does the work for all of it, the next batch is led by its own first caller: there is no task that must be kept
/// alive, and the store is never asked for two commits at once.
///
///     decision ──▶ queue ──▶ decide on the draft ──▶ commit (one fsync) ──▶ publish ──▶ answer
///                                  └─ throws: no change of it remains        └─ fails: all of the batch fail
package final class FleetLedger: Sendable {
    private struct Books {
        var published: FleetState
        /// Grows with every commit.
        var commit = 0
        /// Nil while a batch is being led.
        var draft: FleetDraft?
        var isLed = false
        /// What the store holds is in doubt after a failed commit: it is read again before the next decision.
        var isInDoubt = false
        var waiting: [LedgerWaiter] = []
        var observers: [@Sendable ([FleetChange]) -> Void] = []
        var statistics = LedgerStatistics()
    }

    /// More decisions than this wait for the next batch.
    package static let maxBatch = 512
    private let store: any FleetStore
    private let ids: IDSource
    private let books: Mutex<Books>

    package init(store: any FleetStore, ids: IDSource) async throws {
        self.store = store
        self.ids = ids
        let state = try await store.load()
        books = Mutex(Books(published: state, draft: FleetDraft(state, ids: ids)))
    }

    /// The state as of the last durable commit.
    package var current: FleetState { books.withLock { $0.published } }

    /// The same, with a number that grows with every commit.
    package var snapshot: (fleet: FleetState, commit: Int) { books.withLock { ($0.published, $0.commit) } }

    /// Decisions that wait for the next batch.
    package var waitingCount: Int { books.withLock { $0.waiting.count } }

    package var statistics: LedgerStatistics { books.withLock { $0.statistics } }

    /// Calls `observer` after every commit, in order, with what changed; it must be quick.
    package func observe(_ observer: @escaping @Sendable ([FleetChange]) -> Void) {
        books.withLock { $0.observers.append(observer) }
    }

    /// Decides on the draft, makes the changes durable and publishes them. A decision that throws changes nothing.
    package func transact<Value: Sendable>(
        as actor: String, _ decide: @escaping @Sendable (inout FleetDraft) throws -> Value
    ) async throws -> Value {
        let result = LedgerResult<Value>()
        let entry = LedgerEntry(
            actor: actor,
            decide: { draft in
                do {
                    result.set(.success(try decide(&draft)))
                    return true
                } catch {
                    result.set(.failure(error))
                    return false
                }
            }, fail: { result.set(.failure($0)) })
        if await turn(of: entry) == .lead { await lead(entry) }
        return try result.get()
    }

    /// Waits until the entry is decided, unless nobody leads: then its caller does.
    private func turn(of entry: LedgerEntry) async -> LedgerWaiter.Turn {
        await withCheckedContinuation { continuation in
            let leads = books.withLock { books in
                guard books.isLed else {
                    books.isLed = true
                    return true
                }
                books.waiting.append(LedgerWaiter(entry: entry, wake: continuation))
                return false
            }
            if leads { continuation.resume(returning: .lead) }
        }
    }

    private func lead(_ own: LedgerEntry) async {
        let followers = books.withLock { books in
            let batch = Array(books.waiting.prefix(Self.maxBatch))
            books.waiting.removeFirst(batch.count)
            return batch
        }
        await settle([own] + followers.map(\.entry))
        for follower in followers { follower.wake.resume(returning: .decided) }
        let next = books.withLock { books -> LedgerWaiter? in
            guard !books.waiting.isEmpty else {
                books.isLed = false
                return nil
            }
            return books.waiting.removeFirst()
        }
        next?.wake.resume(returning: .lead)
    }
}

extension FleetLedger {
    /// Decides and commits one batch. Only the leader is ever here.
    private func settle(_ entries: [LedgerEntry]) async {
        do {
            try await readAgainIfInDoubt()
            let changes = decide(entries)
            guard !changes.isEmpty else { return }
            let start = ContinuousClock.now
            try await store.commit(changes)
            publish(Array(changes.joined()), decisions: changes.count, took: ContinuousClock.now - start)
        } catch {
            books.withLock { $0.isInDoubt = true }
            for entry in entries { entry.fail(error) }
        }
    }

    private func readAgainIfInDoubt() async throws {
        guard books.withLock({ $0.isInDoubt }) else { return }
        let state = try await store.load()
        let observers = books.withLock { books in
            books.published = state
            books.commit += 1
            books.draft = FleetDraft(state, ids: ids)
            books.isInDoubt = false
            return books.observers
        }
        for observer in observers { observer([]) }
    }

    private func decide(_ entries: [LedgerEntry]) -> [[FleetChange]] {
        let taken = books.withLock { $0.draft.take() }
        guard var draft = taken else { preconditionFailure("two batches are led at once") }
        var accepted: [[FleetChange]] = []
        for entry in entries {
            draft.begin(as: entry.actor)
            let isAccepted = entry.decide(&draft)
            guard !draft.changes.isEmpty else { continue }
            if isAccepted {
                accepted.append(draft.changes)
            } else {
                draft.reset(to: current, accepted: accepted)
            }
        }
        draft.begin(as: FleetDraft.system)
        books.withLock { $0.draft = draft }
        return accepted
    }

    private func publish(_ changes: [FleetChange], decisions: Int, took: Duration) {
        let observers = books.withLock { books in
            for change in changes { books.published.apply(change) }
            books.commit += 1
            books.statistics.count(decisions: decisions, took: took)
            return books.observers
        }
        for observer in observers { observer(changes) }
    }
}

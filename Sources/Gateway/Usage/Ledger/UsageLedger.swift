import Files
import Fleet
import InferenceKeyWire
import Logging
import NIOPosix
import Synchronization

/// Takes what was used from the loops to the Manager, each request exactly once, whatever dies on the way.
///
///     loops' books ──collect──▶ batch, numbered, in the journal ──offer──▶ Manager ──answer──▶ taken
///
/// | what dies | what is lost |
/// |---|---|
/// | this process | nothing: settled requests are in the books, open ones are settled at the next start as cut |
/// | the answer to a report | nothing: the same batch is offered again, and counts once |
/// | the Manager | nothing: batches wait in the journal |
/// | the power | what came after the last journal entry, which is about a second old at the most |
final class UsageLedger: Sendable {
    private struct State {
        var state: JournalState
        /// Nil when nothing is kept on the disk.
        var journal: UsageJournal?
        /// Held while the folder is ours.
        var lock: FileLock?
        /// Not in the journal yet: the disk did not take it.
        var pending = LaneDelta()

        /// Writes a journal that has become long anew.
        func shorten() throws(FileError) {
            guard let journal, journal.isLong else { return }
            try journal.replace(with: state.entries)
        }
    }

    private let folder: String?
    private let logger: Logger
    private let state: Mutex<State>

    /// A ledger in memory: what is not reported when the process ends is lost.
    init(logger: Logger) {
        folder = nil
        self.logger = logger
        var journal = JournalState()
        journal.apply(.run(Self.newRun(), boot: ""))
        state = Mutex(State(state: journal.ready))
    }

    /// Opens the folder, makes it if there is none, and settles what the last run left. Blocks.
    ///
    /// - Parameter boot: names this start of the machine.
    init(folder: String, boot: String = UsageBookFile.boot, logger: Logger) throws(FileError) {
        try Folder.make(folder)
        guard let lock = try FileLock("\(folder)/lock") else {
            throw FileError(path: folder, reason: "is used by another gateway")
        }
        self.folder = folder
        self.logger = logger
        let journal = UsageJournal(folder: folder)
        let former = JournalState(reading: try journal.read())
        let books = BookShelf(folder: folder)
        let left = former.leftovers(in: books.read(), boot: boot)
        var current = former
        current.apply(.used(UsageBatch.split(left, run: former.run, after: former.sequence), [:], []))
        current.apply(.run(Self.newRun(), boot: boot))
        try journal.replace(with: current.entries)
        books.clear()
        state = Mutex(State(state: current.ready, journal: journal, lock: lock))
        Self.tell(left, logger)
    }

    /// Lets go of the folder; nothing more is put into the journal.
    func close() {
        state.withLock { state in
            state.journal = nil
            state.lock = nil
        }
    }

    /// The ledger of a folder; in memory when there is none, or it cannot be used, which is no reason not to serve.
    static func inFolder(_ folder: String?, logger: Logger) async -> UsageLedger {
        guard let folder else { return UsageLedger(logger: logger) }
        do {
            return try await blocking { try UsageLedger(folder: folder, logger: logger) }
        } catch {
            logger.error(
                "usage is kept in memory alone: what is not reported when the process ends is lost",
                metadata: ["error": "\(error)"])
            return UsageLedger(logger: logger)
        }
    }

    /// This run of this Gateway.
    var run: String { state.withLock { $0.state.run } }

    /// The book of a loop; nil when there is none to be had, and its usage is kept in memory alone.
    func makeBook(lane: Int) -> UsageBook? {
        guard let folder else { return nil }
        let (run, boot) = state.withLock { ($0.state.run, $0.state.boot) }
        do throws(FileError) {
            return try UsageBook(
                path: BookShelf(folder: folder).path(run: run, lane: lane),
                UsageBookTitle(run: run, boot: boot, lane: lane))
        } catch {
            logger.error("usage is kept in memory alone", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Runs it off the loops, and to its end also when the calling task is cancelled: what was collected is in no other
    /// place.
    private static func blocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            NIOThreadPool.singleton.submit { _ in continuation.resume(with: Result { try body() }) }
        }
    }

    private static func newRun() -> String { "gw_\(IDSource.system.ulid())" }

    private static func tell(_ left: [UsageRecord], _ logger: Logger) {
        guard !left.isEmpty else { return }
        let requests = left.reduce(0) { $0 + $1.requests }
        let cut = left.reduce(0) { $0 + ($1.isEstimated ? $1.failedRequests : 0) }
        logger.info(
            "settled what the last run left", metadata: ["requests": "\(requests)", "cut_requests": "\(cut)"])
    }
}

extension UsageLedger {
    /// Numbers what was collected and puts it into the journal; only then can it be offered.
    func add(_ delta: LaneDelta) async throws {
        try await Self.blocking { try self.addBlocking(delta) }
    }

    private func addBlocking(_ delta: LaneDelta) throws(FileError) {
        try state.withLock { (state) throws(FileError) in
            var pending = delta
            pending.changes = state.pending.changes + delta.changes
            state.pending.changes = pending.changes
            let open = pending.open.values.sorted { $0.isOrdered(before: $1) }
            guard !pending.changes.isEmpty || open != state.state.open else { return }
            var cells: [JournalState.CellID: UsageTotal] = [:]
            for change in pending.changes where change.serial > 0 {
                let cell = JournalState.CellID(lane: change.lane, serial: change.serial)
                cells[cell, default: UsageTotal()].add(change.sums)
            }
            let batches = state.state.place(pending.records)
            let entry = JournalEntry.used(batches, cells, open)
            try state.journal?.append(entry, isFlushed: true)
            state.state.apply(entry)
            state.state.forget(delta.retired)
            state.pending = LaneDelta()
            try state.shorten()
        }
    }

    /// The batch whose turn it is; nil when the Manager has all.
    func offer() -> UsageBatch? { state.withLock { $0.state.offer() } }

    /// Whether something is left to offer.
    var hasBatches: Bool { state.withLock { !$0.state.queue.isEmpty } }

    /// The Manager has counted the batch.
    func taken(_ batch: UsageBatch) async throws {
        try await Self.blocking {
            try self.state.withLock { (state) throws(FileError) in
                let entry = JournalEntry.taken(run: batch.run, sequence: batch.sequence)
                state.state.apply(entry)
                // Unless it is flushed the batch may be offered again, which costs nothing.
                try state.journal?.append(entry, isFlushed: false)
                try state.shorten()
            }
        }
    }
}

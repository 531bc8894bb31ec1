import Fleet
import InferenceKeyWire

/// What a journal of usage says, entry by entry: which batches the Manager has not taken yet, and how much of the books
/// of the current run is in batches.
struct JournalState: Sendable, Equatable {
    /// A cell of a book of the current run.
    struct CellID: Sendable, Hashable {
        var lane: Int
        var serial: UInt64
    }

    private(set) var run = ""
    private(set) var boot = ""
    /// The last number given in the current run.
    private(set) var sequence = 0
    /// Oldest first.
    private(set) var queue: [UsageBatch] = []
    /// How much of each cell is in batches.
    private(set) var totals: [CellID: UsageTotal] = [:]
    /// What was open when the last entry was written.
    private(set) var open: [UsageRecord] = []
    /// Batches of this number in front of the queue may have been offered and are never merged with later ones.
    private var offered = 0
    /// False while what is on the disk is read: it stays as whoever wrote it may have offered it.
    private var mayMerge = false

    init() {}

    /// What a journal on the disk says.
    init(reading entries: [JournalEntry]) {
        for entry in entries { apply(entry) }
        offered = queue.count
        mayMerge = true
    }

    mutating func apply(_ entry: JournalEntry) {
        switch entry {
        case .run(let name, let boot):
            run = name
            self.boot = boot
            sequence = 0
            totals = [:]
            open = []
        case .totals(let cells, let sequence):
            totals = cells
            self.sequence = sequence
        case .used(let batches, let cells, let open):
            for batch in batches { append(batch) }
            for (cell, sums) in cells { totals[cell, default: UsageTotal()].add(sums) }
            self.open = open
        case .taken(let run, let sequence):
            let before = queue.count
            queue.removeAll { $0.run == run && $0.sequence <= sequence }
            offered = max(0, offered - (before - queue.count))
        }
    }

    private mutating func append(_ batch: UsageBatch) {
        if batch.run == run { sequence = max(sequence, batch.sequence) }
        if mayMerge, queue.count > offered, let last = queue.indices.last, queue[last].merge(batch) { return }
        queue.append(batch)
    }

    /// The batch to send; from now on it stays as it is.
    mutating func offer() -> UsageBatch? {
        guard let first = queue.first else { return nil }
        offered = max(offered, 1)
        return first
    }

    /// Cells that are no more need no total.
    mutating func forget(_ cells: [CellID]) { for cell in cells { totals[cell] = nil } }

    /// The entries that say all of this anew.
    var entries: [JournalEntry] {
        let older = queue.filter { $0.run != run }
        let own = queue.filter { $0.run == run }
        let current: [JournalEntry] = [
            .run(run, boot: boot), .totals(totals, sequence: sequence), .used(own, [:], open),
        ]
        return older.isEmpty ? current : [.used(older, [:], [])] + current
    }
}

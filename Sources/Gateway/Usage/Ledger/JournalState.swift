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
    /// Where a name stands in a batch of the current run: that batch takes more of it until it is offered.
    private var places: [UsageRecordName: Place] = [:]
    /// Batches of the current run up to this number may have been offered, and stay as they are.
    private var frozen = 0

    private struct Place: Sendable, Equatable {
        var sequence: Int
        var index: Int
    }

    init() {}

    /// What a journal on the disk says. Whoever wrote it may have offered any of it.
    init(reading entries: [JournalEntry]) {
        for entry in entries { apply(entry) }
        freezeAll()
    }

    mutating func apply(_ entry: JournalEntry) {
        switch entry {
        case .run(let name, let boot):
            run = name
            self.boot = boot
            sequence = 0
            totals = [:]
            open = []
            freezeAll()
            frozen = 0
        case .totals(let cells, let sequence):
            totals = cells
            self.sequence = sequence
        case .used(let batches, let cells, let open):
            for batch in batches { add(batch) }
            for (cell, sums) in cells { totals[cell, default: UsageTotal()].add(sums) }
            self.open = open
        case .taken(let run, let sequence):
            let taken = queue.filter { $0.run == run && $0.sequence <= sequence }
            queue.removeAll { $0.run == run && $0.sequence <= sequence }
            guard run == self.run else { return }
            frozen = max(frozen, sequence)
            for batch in taken {
                for record in batch.records where places[record.name]?.sequence == batch.sequence {
                    places[record.name] = nil
                }
            }
        }
    }

    /// `records` as what to add to batches that have not been offered, and as new batches.
    func place(_ records: [UsageRecord]) -> [UsageBatch] {
        var added: [Int: [UsageRecord]] = [:]
        var last = queue.last.flatMap { $0.run == run && $0.sequence > frozen ? $0.sequence : nil }
        var room = last == nil ? 0 : UsageBatch.maxRecords - (queue.last?.records.count ?? 0)
        for record in records {
            if let place = places[record.name], place.sequence > frozen {
                added[place.sequence, default: []].append(record)
                continue
            }
            if room <= 0 {
                last = max(sequence, last ?? 0) + 1
                room = UsageBatch.maxRecords
            }
            room -= 1
            added[last ?? sequence, default: []].append(record)
        }
        return added.sorted { $0.key < $1.key }.map { UsageBatch(run: run, sequence: $0.key, records: $0.value) }
    }

    private mutating func add(_ batch: UsageBatch) {
        guard batch.run == run else { return queue.append(batch) }
        sequence = max(sequence, batch.sequence)
        let known = queue.lastIndex { $0.run == run && $0.sequence == batch.sequence }
        let target = known ?? queue.count
        if known == nil { queue.append(UsageBatch(run: run, sequence: batch.sequence, records: [])) }
        for record in batch.records {
            if let place = places[record.name], place.sequence == batch.sequence {
                queue[target].records[place.index].add(record)
            } else {
                places[record.name] = Place(sequence: batch.sequence, index: queue[target].records.count)
                queue[target].records.append(record)
            }
        }
    }

    private mutating func freezeAll() {
        places = [:]
        frozen = sequence
    }

    /// The batch to send; from now on it stays as it is.
    mutating func offer() -> UsageBatch? {
        guard let first = queue.first else { return nil }
        if first.run == run { frozen = max(frozen, first.sequence) }
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

import Files
import Fleet
import InferenceKeyWire
import Testing

@testable import Gateway

@Suite("the journal of usage")
struct JournalTests {
    private static func record(_ key: String, _ requests: Int, isEstimated: Bool = false) -> UsageRecord {
        UsageRecord(
            day: "2026-11-24", projectID: ID("pr_1"), workloadSlug: "chat", keyID: key, isEstimated: isEstimated,
            requests: requests, tokensIn: 2 * requests, tokensOut: 3 * requests, milliseconds: 4)
    }

    private static func batch(_ sequence: Int, _ records: UsageRecord..., run: String = "gw_1") -> UsageBatch {
        UsageBatch(run: run, sequence: sequence, records: records)
    }

    private static let cell = JournalState.CellID(lane: 1, serial: 7)
    private static var total: UsageTotal { UsageTotal { UInt64($0 + 1) } }

    private static let entries: [JournalEntry] = [
        .run("gw_1", boot: "b-1"), .totals([cell: total], sequence: 4),
        .used([batch(5, record("k1", 1), record("k1", 1, isEstimated: true))], [cell: total], [record("k2", 1)]),
        .taken(run: "gw_1", sequence: 4),
    ]

    @Test("says the same after it was written and read")
    func roundTrip() {
        let bytes = Self.entries.flatMap(\.line)
        #expect(JournalEntry.read(bytes) == Self.entries)
        let state = JournalState(reading: Self.entries)
        #expect(JournalState(reading: state.entries) == state)
        #expect(state.sequence == 5 && state.queue.count == 1 && state.open == [Self.record("k2", 1)])
        #expect(state.totals[Self.cell]?.told.requests == 2 && state.totals[Self.cell]?.estimated.milliseconds == 20)
    }

    @Test("torn anywhere is read up to the last whole line")
    func torn() {
        let bytes = Self.entries.flatMap(\.line)
        var ends = [0]
        for entry in Self.entries { ends.append(ends[ends.count - 1] + entry.line.count) }
        for count in 0...bytes.count {
            let whole = ends.lastIndex { $0 <= count } ?? 0
            #expect(JournalEntry.read(Array(bytes[..<count])) == Array(Self.entries[..<whole]))
        }
        for place in stride(from: 0, to: bytes.count, by: 3) {
            var flipped = bytes
            flipped[place] ^= 0x20
            let whole = ends.lastIndex { $0 <= place } ?? 0
            #expect(JournalEntry.read(flipped).count <= max(whole, 0), "a changed byte is noticed")
        }
    }

    @Test("an entry that could not be flushed is taken back, so that it can be brought again")
    func unflushed() async throws {
        try await withTemporaryDirectory { folder in
            var fails = false
            let journal = UsageJournal(folder: folder, flush: { _ in fails ? -1 : 0 })
            try journal.replace(with: [Self.entries[0]])
            fails = true
            #expect(throws: FileError.self) { try journal.append(Self.entries[2], isFlushed: true) }
            fails = false
            try journal.append(Self.entries[2], isFlushed: true)
            #expect(try UsageJournal(folder: folder).read() == [Self.entries[0], Self.entries[2]])
        }
    }

    @Test("the checksum is the one of zip and Ethernet")
    func checkSum() {
        #expect(CheckSum.hex(of: Array("123456789".utf8)) == "cbf43926")
        #expect(CheckSum.hex(of: []) == "00000000")
    }

    @Test("batches that wait grow; one that was offered stays as it is")
    func merging() {
        var state = JournalState(reading: [.run("gw_1", boot: "")])
        var written: [JournalEntry] = [.run("gw_1", boot: "")]
        func use(_ records: UsageRecord...) {
            let entry = JournalEntry.used(state.place(records), [:], [])
            written.append(entry)
            state.apply(entry)
        }
        use(Self.record("k1", 1))
        let first = state.offer()
        #expect(first == Self.batch(1, Self.record("k1", 1)))
        use(Self.record("k1", 1))
        use(Self.record("k1", 1), Self.record("k2", 1))
        #expect(state.offer() == first)
        #expect(JournalState(reading: written).queue == state.queue, "the disk knows the same batches")
        state.apply(.taken(run: "gw_1", sequence: 1))
        var merged = Self.record("k1", 1)
        merged.add(Self.record("k1", 1))
        #expect(state.offer() == Self.batch(2, merged, Self.record("k2", 1)))
        use(Self.record("k1", 1))
        #expect(state.queue.map(\.sequence) == [2, 3])
        state.apply(.taken(run: "gw_1", sequence: 2))
        #expect(state.offer()?.sequence == 3)
    }

    @Test("any number of names waits in as few batches as can hold them, however long")
    func manyNames() {
        var state = JournalState(reading: [.run("gw_1", boot: "")])
        var written: [JournalEntry] = [.run("gw_1", boot: "")]
        for round in 0..<40 {
            let records = (0..<600).map { Self.record("k\((round * 100 + $0) % 2500)", 1) }
            let entry = JournalEntry.used(state.place(records), [:], [])
            written.append(entry)
            state.apply(entry)
        }
        #expect(state.queue.map(\.records.count) == [1000, 1000, 500] && state.queue.map(\.sequence) == [1, 2, 3])
        #expect(state.queue.flatMap(\.records).reduce(0) { $0 + $1.requests } == 24_000)
        #expect(JournalState(reading: written).queue == state.queue)
    }

    @Test("a journal of much that waits is not written anew until it is twice as long")
    func rewriting() async throws {
        try await withTemporaryDirectory { folder in
            let journal = UsageJournal(folder: folder)
            let records = (0..<25_000).map { Self.record("key-number-\($0)", 1) }
            let long = JournalEntry.used([UsageBatch(run: "gw_1", sequence: 1, records: records)], [:], [])
            try journal.replace(with: [long])
            #expect(journal.sizeBytes > UsageJournal.maxBytes && !journal.isLong)
            try journal.append(long, isFlushed: false)
            try journal.append(Self.entries[0], isFlushed: false)
            #expect(journal.isLong)
        }
    }

    @Test("what was on the disk is never merged: it may have been offered")
    func reading() {
        let read = JournalState(reading: [
            .run("gw_1", boot: ""), .used([Self.batch(1, Self.record("k1", 1))], [:], []),
            .used([Self.batch(2, Self.record("k1", 1))], [:], []), .taken(run: "gw_1", sequence: 1),
            .used([Self.batch(3, Self.record("k1", 1))], [:], []),
        ])
        #expect(read.queue.map(\.sequence) == [2, 3])
        var next = read
        next.apply(.run("gw_2", boot: ""))
        next.apply(.used([Self.batch(1, Self.record("k1", 1), run: "gw_2")], [:], []))
        #expect(next.queue.map { "\($0.run) \($0.sequence)" } == ["gw_1 2", "gw_1 3", "gw_2 1"])
        #expect(next.sequence == 1 && next.totals.isEmpty)
    }

    @Test("more records than a report may hold make several batches")
    func splitting() {
        let records = (0..<2500).map { Self.record("k\($0)", 1) }
        let batches = UsageBatch.split(records, run: "gw_1", after: 9)
        #expect(batches.map(\.sequence) == [10, 11, 12] && batches.map(\.records.count) == [1000, 1000, 500])
        #expect(UsageBatch.split([], run: "gw_1", after: 9).isEmpty)
    }
}

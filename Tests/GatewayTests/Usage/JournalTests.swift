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

    @Test("the checksum is the one of zip and Ethernet")
    func checkSum() {
        #expect(CheckSum.hex(of: Array("123456789".utf8)) == "cbf43926")
        #expect(CheckSum.hex(of: []) == "00000000")
    }

    @Test("batches that wait become one; one that was offered stays as it is")
    func merging() {
        var state = JournalState(reading: [.run("gw_1", boot: "")])
        state.apply(.used([Self.batch(1, Self.record("k1", 1))], [:], []))
        let first = state.offer()
        #expect(first == Self.batch(1, Self.record("k1", 1)))
        state.apply(.used([Self.batch(2, Self.record("k1", 1))], [:], []))
        state.apply(.used([Self.batch(3, Self.record("k1", 1), Self.record("k2", 1))], [:], []))
        let again = state.offer()
        #expect(again == first)
        state.apply(.taken(run: "gw_1", sequence: 1))
        var merged = Self.record("k1", 1)
        merged.add(Self.record("k1", 1))
        let second = state.offer()
        #expect(second == Self.batch(3, merged, Self.record("k2", 1)))
        state.apply(.used([Self.batch(4, Self.record("k1", 1))], [:], []))
        #expect(state.queue.map(\.sequence) == [3, 4])
        state.apply(.taken(run: "gw_1", sequence: 3))
        let third = state.offer()
        #expect(third?.sequence == 4)
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
        var first = batches[0]
        let isMerged = first.merge(batches[1])
        #expect(!isMerged && first == batches[0], "too many for one")
        #expect(UsageBatch.split([], run: "gw_1", after: 9).isEmpty)
    }
}

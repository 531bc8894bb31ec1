import Files
import Fleet
import InferenceKeyWire
import Logging
import Testing

@testable import Gateway

@Suite("the usage ledger")
struct UsageLedgerTests {
    @Test("a request is found in every stage after a crash, once", arguments: Stage.allCases)
    func stages(_ stage: Stage) async throws {
        try await withTemporaryDirectory { folder in
            let house = LedgerHouse(folder)
            let run = try await house.start()
            let booking = run.open("k1")
            run.note(7, booking)
            if stage != .open { run.settle(booking, tokens: 9) }
            if stage == .journalled || stage == .offered || stage == .counted { try await run.tick() }
            if stage == .offered || stage == .counted { run.offer(to: house, isAnswered: false) }
            house.crash(run)
            let next = try await house.start()
            try await next.deliverAll(to: house)
            #expect(house.counted.requests == 1)
            #expect(house.counted.tokensOut == (stage == .open ? 7 : 9))
            #expect(house.counted.failedRequests == (stage == .open ? 1 : 0))
            #expect(house.records.map(\.isEstimated) == [stage == .open])
        }
    }

    enum Stage: CaseIterable, Sendable { case open, settled, journalled, offered, counted }

    @Test("a settlement that was interrupted is carried out by whoever reads the book")
    func redo() async throws {
        try await withTemporaryDirectory { folder in
            let path = "\(folder)/x.book"
            let book = try UsageBook(path: path, UsageBookTitle(run: "gw_1", boot: "b", lane: 2))
            let name = UsageCellName(day: "2026-11-24", projectID: ID("pr_1"), workloadSlug: "chat", keyID: "k1")
            let cell = try #require(book.makeCell(name))
            let slot = try #require(book.open(cell: cell.index, at: 1000))
            book.note(5, slot: slot)
            book.beat(4000)
            let open = try #require(UsageBookReader(path: path))
            #expect(open.title == UsageBookTitle(run: "gw_1", boot: "b", lane: 2))
            #expect(
                open.open == [
                    UsageRecord.cut(name, UsageSums(requests: 1, failedRequests: 1, tokensOut: 5, milliseconds: 3000))
                ])
            #expect(open.cells == [UsageBookReader.Cell(serial: cell.serial, name: name, total: UsageTotal())])
            book.beginSettling(cell: cell.index, slot: slot, sums: UsageSums(requests: 1, tokensOut: 8))
            let read = try #require(UsageBookReader(path: path))
            #expect(read.open.isEmpty)
            #expect(read.cells.map(\.total.told) == [UsageSums(requests: 1, tokensOut: 8)])
        }
    }

    @Test("random work with random crashes: everything that began is counted exactly once", arguments: 0..<24)
    func anything(_ seed: Int) async throws {
        try await withTemporaryDirectory { folder in
            var dice = Dice(seed: UInt64(seed) &+ 1)
            let house = LedgerHouse(folder)
            var run = try await house.start()
            for _ in 0..<300 {
                switch dice.roll(20) {
                case 0..<7: run.begin("k\(dice.roll(3))")
                case 7..<10: run.noteOne(dice.roll(50), dice.roll(1000))
                case 10..<14: run.endOne(dice.roll(50), tokens: dice.roll(100), isEstimated: dice.roll(3) == 0)
                case 14, 15: try await run.tick()
                case 16: run.offer(to: house, isAnswered: false)
                case 17: try await run.deliverOne(to: house)
                case 18: try await run.deliverAll(to: house)
                default:
                    house.crash(run)
                    run = try await house.start()
                }
                if dice.roll(40) == 0 { run.passDay() }
            }
            house.crash(run)
            run = try await house.start()
            try await run.deliverAll(to: house)
            #expect(house.counted == house.expected, "seed \(seed)")
            #expect(run.ledger.offer() == nil)
        }
    }

    @Test("a cell that is not used any more gives its place back, and a later one is another")
    func retiring() async throws {
        try await withTemporaryDirectory { folder in
            let house = LedgerHouse(folder)
            var run = try await house.start()
            for round in 0..<3 {
                run.settle(run.open("k1"), tokens: 5)
                for _ in 0...(LaneUsage.maxIdleCollections + 1) { try await run.tick() }
                if round == 1 { try await run.deliverAll(to: house) }
            }
            run.settle(run.open("k1"), tokens: 5)
            house.crash(run)
            run = try await house.start()
            try await run.deliverAll(to: house)
            #expect(house.counted == house.expected && house.counted.requests == 4)
        }
    }

    @Test("a power failure costs what came after the last tick, and doubles nothing")
    func power() async throws {
        try await withTemporaryDirectory { folder in
            let house = LedgerHouse(folder)
            let run = try await house.start()
            let long = run.open("k1")
            run.settle(run.open("k1"), tokens: 10)
            run.note(4, long)
            try await run.tick()
            run.settle(run.open("k1"), tokens: 100)
            run.settle(long, tokens: 20)
            house.crash(run)
            let next = try await house.start(boot: "another")
            try await next.deliverAll(to: house)
            // The one that was open at the tick is taken as cut; what came later is gone.
            #expect(house.counted.requests == 2 && house.counted.tokensOut == 14)
        }
    }

    @Test("while the Manager is away the journal stays small, and is taken in few reports afterwards")
    func away() async throws {
        try await withTemporaryDirectory { folder in
            let house = LedgerHouse(folder)
            let run = try await house.start()
            for round in 0..<400 {
                for key in 0..<40 { run.settle(run.open("key-\(key)"), tokens: round) }
                try await run.tick()
                if round == 0 { run.offer(to: house, isAnswered: false) }
            }
            let size = try #require(fileSize("\(folder)/usage/journal"))
            #expect(size < UsageJournal.maxBytes + 100_000)
            let reports = try await run.deliverAll(to: house)
            #expect(reports <= 3)
            #expect(house.counted.requests == 16_000)
            house.crash(run)
            let next = try await house.start()
            try await next.deliverAll(to: house)
            #expect(house.counted.requests == 16_000)
        }
    }

    @Test("a second Gateway on the same folder, and a folder that cannot be made, are refused")
    func refused() async throws {
        try await withTemporaryDirectory { folder in
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let first = try UsageLedger(folder: "\(folder)/usage", logger: logger)
            #expect(throws: FileError.self) { try UsageLedger(folder: "\(folder)/usage", logger: logger) }
            #expect(throws: FileError.self) { try UsageLedger(folder: "/dev/null/usage", logger: logger) }
            #expect(first.offer() == nil)
        }
    }

    @Test("the files are their owner's alone")
    func privacy() async throws {
        try await withTemporaryDirectory { folder in
            let house = LedgerHouse(folder)
            let run = try await house.start()
            let names = fileNames("\(folder)/usage")
            #expect(names.count == 4, "\(names)")
            for name in names { #expect(fileMode("\(folder)/usage/\(name)") == 0o600, "\(name)") }
            withExtendedLifetime(run) {}
        }
    }
}

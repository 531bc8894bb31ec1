import Files
import Fleet
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What one loop counts, in memory that outlives the process: a file mapped into it.
///
/// A store into the mapping is in the kernel's hands at once, without a system call, so a killed process loses nothing.
/// (The power is another matter: see ``UsageJournal``.) The loop alone writes; who reads after its death sees every store
/// that it made, in order. That order is what makes a settlement whole:
///
///     new sums into the redo area ──▶ redo on ──▶ sums into the cell ──▶ slot free ──▶ redo off
///
/// Killed before "redo on", the request is still open; killed after it, whoever reads carries the rest out.
///
///     header (one page) │ cells: one for each key, endpoint and day │ slots: one for each open request
final class UsageBook {
    /// Cells and slots beyond these are kept in memory alone, and are lost with the process.
    static let maxCells = 8192
    static let maxSlots = 32_768

    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let bytes: UnsafeMutableRawPointer
    private var freeCells: [Int] = []
    private var freeSlots: [Int] = []
    /// Cells and slots from here on were never used.
    private var cellsEnd = 0
    private var slotsEnd = 0
    private var nextSerial: UInt64 = 1

    /// Makes the file, all of its blocks taken, so that a full disk is noticed here and not as a signal later.
    init(path: String, _ title: UsageBookTitle) throws(FileError) {
        bytes = try UsageBookFile.map(path, byteCount: UsageBookLayout.byteCount)
        words = bytes.bindMemory(to: Atomic<UInt64>.self, capacity: UsageBookLayout.byteCount / 8)
        title.write(to: bytes)
        words[UsageBookLayout.magicWord].store(UsageBookLayout.magic, ordering: .releasing)
    }

    deinit { munmap(bytes, UsageBookLayout.byteCount) }

    /// A cell under this name; nil when there is no room for it.
    func makeCell(_ name: UsageCellName) -> (index: Int, serial: UInt64)? {
        let text = name.bytes
        guard text.count <= UsageBookLayout.maxNameBytes, let index = takeCell() else { return nil }
        let cell = UsageBookLayout.cellWord(index)
        for offset in 0..<UsageSums.count { words[cell + 1 + offset].store(0, ordering: .relaxed) }
        words[cell + UsageBookLayout.nameWord].store(UInt64(text.count), ordering: .relaxed)
        (bytes + (cell + UsageBookLayout.nameWord + 1) * 8).copyMemory(from: text, byteCount: text.count)
        let serial = nextSerial
        nextSerial += 1
        words[cell].store(serial, ordering: .releasing)
        return (index, serial)
    }

    /// Nothing is counted in the cell any more, and what was is in the journal.
    func freeCell(_ index: Int) {
        words[UsageBookLayout.cellWord(index)].store(0, ordering: .releasing)
        freeCells.append(index)
    }

    /// Reserves a place for a request that began; nil when there is none left.
    func open(cell: Int, at milliseconds: Int64) -> Int? {
        guard let slot = takeSlot() else { return nil }
        let word = UsageBookLayout.slotWord(slot)
        words[word + 1].store(UInt64(bitPattern: milliseconds), ordering: .relaxed)
        words[word + 2].store(0, ordering: .relaxed)
        words[word].store(UInt64(cell) + 1, ordering: .releasing)
        return slot
    }

    /// So many tokens have been counted of the answer so far.
    @inline(__always)
    func note(_ tokens: Int, slot: Int) {
        words[UsageBookLayout.slotWord(slot) + 2].store(UInt64(tokens), ordering: .relaxed)
    }

    /// Books a request and frees its place, as one.
    func settle(cell: Int, slot: Int?, sums: UsageSums, isEstimated: Bool) {
        beginSettling(cell: cell, slot: slot, sums: sums, isEstimated: isEstimated)
        UsageBookLayout.carryOut(in: words)
        if let slot { freeSlots.append(slot) }
    }

    /// From here on the request is settled, whether this process lives to carry it out or not.
    func beginSettling(cell: Int, slot: Int?, sums: UsageSums, isEstimated: Bool = false) {
        let first = UsageBookLayout.cellWord(cell) + 1 + (isEstimated ? UsageSums.half : 0)
        let redo = UsageBookLayout.redoWord
        for offset in 0..<UsageSums.half {
            let sum = words[first + offset].load(ordering: .relaxed) &+ UInt64(bitPattern: sums[offset])
            words[redo + 2 + offset].store(sum, ordering: .relaxed)
        }
        words[redo + 1].store(UInt64(slot.map { $0 + 1 } ?? 0), ordering: .relaxed)
        words[redo].store(UInt64(first), ordering: .releasing)
    }

    /// The sums of a cell.
    func total(of cell: Int) -> UsageTotal {
        let word = UsageBookLayout.cellWord(cell)
        return UsageTotal { words[word + 1 + $0].load(ordering: .relaxed) }
    }

    /// Tells of every open request: its cell, when it began, what was counted of its answer.
    func eachOpen(_ body: (_ cell: Int, _ began: Int64, _ tokens: Int) -> Void) {
        for slot in 0..<slotsEnd {
            let word = UsageBookLayout.slotWord(slot)
            let cell = words[word].load(ordering: .relaxed)
            guard cell > 0 else { continue }
            body(
                Int(cell) - 1, Int64(bitPattern: words[word + 1].load(ordering: .relaxed)),
                Int(clamping: words[word + 2].load(ordering: .relaxed)))
        }
    }

    private func takeCell() -> Int? {
        if let index = freeCells.popLast() { return index }
        guard cellsEnd < Self.maxCells else { return nil }
        cellsEnd += 1
        return cellsEnd - 1
    }

    private func takeSlot() -> Int? {
        if let slot = freeSlots.popLast() { return slot }
        guard slotsEnd < Self.maxSlots else { return nil }
        slotsEnd += 1
        return slotsEnd - 1
    }

    /// The loop was alive at this time: what is open when it dies was open until about then.
    func beat(_ milliseconds: Int64) {
        words[UsageBookLayout.beatWord].store(UInt64(bitPattern: milliseconds), ordering: .relaxed)
    }
}

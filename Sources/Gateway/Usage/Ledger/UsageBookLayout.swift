import Synchronization

/// Where things stand in a ``UsageBook``, in words of eight bytes.
enum UsageBookLayout {
    /// `IKUSAGE1`
    static let magic: UInt64 = 0x3145_4741_5355_4B49
    static let magicWord = 0
    /// When the loop was last seen alive, milliseconds.
    static let beatWord = 1
    static let titleWord = 2
    static let titleBytes = 192
    /// On (the first word to set) or 0; the slot to free plus one; the words to set.
    static let redoWord = 64

    private static let headerBytes = 4096
    private static let cellBytes = 256
    private static let slotBytes = 32
    private static let cellsWord = headerBytes / 8
    private static let slotsWord = cellsWord + UsageBook.maxCells * cellBytes / 8

    /// In a cell: its serial (0 when free), the sums, the length of its name, the name.
    static let nameWord = 1 + UsageSums.count
    static let maxNameBytes = cellBytes - (nameWord + 1) * 8
    static let byteCount = headerBytes + UsageBook.maxCells * cellBytes + UsageBook.maxSlots * slotBytes

    static func cellWord(_ index: Int) -> Int { cellsWord + index * cellBytes / 8 }
    /// In a slot: its cell plus one (0 when free), when it was opened, what was counted.
    static func slotWord(_ index: Int) -> Int { slotsWord + index * slotBytes / 8 }

    /// Finishes the settlement that stands in the redo area, if one does. Doing it twice is doing it once.
    static func carryOut(in words: UnsafeMutablePointer<Atomic<UInt64>>) {
        let first = Int(clamping: words[redoWord].load(ordering: .acquiring))
        guard first >= cellsWord, first + UsageSums.half <= slotsWord else { return }
        for offset in 0..<UsageSums.half {
            words[first + offset].store(words[redoWord + 2 + offset].load(ordering: .relaxed), ordering: .releasing)
        }
        let slot = Int(clamping: words[redoWord + 1].load(ordering: .relaxed))
        if slot > 0, slot <= UsageBook.maxSlots { words[slotWord(slot - 1)].store(0, ordering: .releasing) }
        words[redoWord].store(0, ordering: .releasing)
    }
}

import Fleet
import Synchronization

/// What stands in the book of a loop that is no more.
struct UsageBookReader {
    struct Cell: Sendable, Equatable {
        var serial: UInt64
        var name: UsageCellName
        var total: UsageTotal
    }

    let title: UsageBookTitle
    private(set) var cells: [Cell] = []
    /// Requests that were open, each as what it came to.
    private(set) var open: [UsageRecord] = []

    /// Nil for a file that is no whole book.
    init?(path: String) {
        guard var words = UsageBookFile.read(path, byteCount: UsageBookLayout.byteCount) else { return nil }
        guard words[UsageBookLayout.magicWord] == UsageBookLayout.magic else { return nil }
        words.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            UnsafeMutableRawPointer(base).withMemoryRebound(to: Atomic<UInt64>.self, capacity: buffer.count) {
                UsageBookLayout.carryOut(in: $0)
            }
        }
        let title = words.withUnsafeBytes { bytes in
            let start = UsageBookLayout.titleWord * 8
            return UsageBookTitle(UnsafeRawBufferPointer(rebasing: bytes[start..<start + UsageBookLayout.titleBytes]))
        }
        guard let title else { return nil }
        self.title = title
        readCells(words)
        readSlots(words)
    }

    private mutating func readCells(_ words: [UInt64]) {
        for index in 0..<UsageBook.maxCells {
            let word = UsageBookLayout.cellWord(index)
            guard words[word] > 0, let name = Self.name(words, cell: word) else { continue }
            cells.append(Cell(serial: words[word], name: name, total: UsageTotal { words[word + 1 + $0] }))
        }
    }

    /// A request that was never settled was cut: it counts as failed, with what had been counted of its answer.
    private mutating func readSlots(_ words: [UInt64]) {
        let beat = Int64(bitPattern: words[UsageBookLayout.beatWord])
        for index in 0..<UsageBook.maxSlots {
            let word = UsageBookLayout.slotWord(index)
            guard words[word] > 0, words[word] <= UInt64(UsageBook.maxCells) else { continue }
            let cell = UsageBookLayout.cellWord(Int(words[word]) - 1)
            guard let name = Self.name(words, cell: cell) else { continue }
            let began = Int64(bitPattern: words[word + 1])
            var sums = UsageSums()
            sums.addCut(tokens: Int(clamping: words[word + 2]), milliseconds: max(0, beat - began))
            open.append(.cut(name, sums))
        }
    }

    private static func name(_ words: [UInt64], cell: Int) -> UsageCellName? {
        let place = cell + UsageBookLayout.nameWord
        guard words[place] <= UInt64(UsageBookLayout.maxNameBytes) else { return nil }
        return words.withUnsafeBytes { bytes in
            let start = (place + 1) * 8
            return UsageCellName(bytes: bytes[start..<start + Int(words[place])])
        }
    }
}

extension UsageRecord {
    /// Requests that ended with the process that served them.
    static func cut(_ name: UsageCellName, _ sums: UsageSums) -> UsageRecord {
        UsageRecord(
            day: name.day, projectID: name.projectID, workloadSlug: name.workloadSlug, keyID: name.keyID,
            isEstimated: true, requests: Int(sums.requests), failedRequests: Int(sums.failedRequests),
            tokensOut: Int(sums.tokensOut), milliseconds: sums.milliseconds)
    }
}

extension UsageSums {
    /// One request more that was cut.
    mutating func addCut(tokens: Int, milliseconds: Int64) {
        requests += 1
        failedRequests += 1
        tokensOut &+= Int64(tokens)
        self.milliseconds &+= milliseconds
    }
}

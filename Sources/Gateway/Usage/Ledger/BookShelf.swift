import Files
import Fleet

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The books in a folder.
struct BookShelf {
    let folder: String

    func path(run: String, lane: Int) -> String { "\(folder)/\(run)-\(lane).book" }

    private var paths: [String] {
        Folder.names(in: folder).filter { $0.hasSuffix(".book") }.map { "\(folder)/\($0)" }
    }

    func read() -> [UsageBookReader] { paths.compactMap(UsageBookReader.init(path:)) }

    func clear() { for path in paths { unlink(path) } }
}

extension JournalState {
    /// What the current run used and put into no batch, its open requests as cut.
    ///
    /// After a restart of the machine the books hold what the disk happened to hold; then the last entry of the journal
    /// is all there is to go by.
    func leftovers(in books: [UsageBookReader], boot: String) -> [UsageRecord] {
        guard self.boot == boot, !run.isEmpty else { return open }
        var delta = LaneDelta()
        var cut: [UsageRecord] = []
        for book in books where book.title.run == run && book.title.boot == boot {
            for cell in book.cells {
                let known = totals[CellID(lane: book.title.lane, serial: cell.serial)] ?? UsageTotal()
                let sums = cell.total.since(known)
                guard !sums.isEmpty else { continue }
                delta.changes.append(
                    LaneDelta.Change(lane: book.title.lane, serial: cell.serial, name: cell.name, sums: sums))
            }
            cut += book.open
        }
        var records = delta.records
        var places: [UsageRecordName: Int] = [:]
        for (place, record) in records.enumerated() { places[record.name] = place }
        for record in cut {
            if let place = places[record.name] {
                records[place].add(record)
            } else {
                places[record.name] = records.count
                records.append(record)
            }
        }
        return records.sorted { $0.isOrdered(before: $1) }
    }

    /// Ready to take and merge new batches; those that are in it stay as they are.
    var ready: JournalState { JournalState(reading: entries) }
}

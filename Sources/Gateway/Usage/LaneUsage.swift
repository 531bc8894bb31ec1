import Fleet
import InferenceKeyWire

/// What each key uses of each endpoint on one loop: every request is booked when it begins and settled when it ends,
/// whatever its end, and what is booked and never settled is found in the loop's ``UsageBook`` after a crash.
struct LaneUsage {
    /// A request that began.
    struct Booking {
        fileprivate let cell: UsageCell
        /// Its place in the book; nil when the book was full.
        fileprivate let slot: Int?
    }

    /// A cell that was empty at that many collections in a row is dropped.
    static let maxIdleCollections = 600

    private let lane: Int
    /// Nil when nothing is kept on the disk.
    private let book: UsageBook?
    private var cells: [UInt64: UsageCell] = [:]
    /// Cells of days that are over, until what is open in them is settled.
    private var former: [UsageCell] = []
    /// Those that stand in the book.
    private var byPlace: [Int: UsageCell] = [:]
    private var day = UsageDay(number: 0)

    init(lane: Int = 0, book: UsageBook? = nil) {
        self.lane = lane
        self.book = book
    }

    /// Books a request as it begins. It counts on this day, however long it takes.
    mutating func open(key: KeyEntry, endpoint: Endpoint, at time: Timestamp) -> Booking {
        let number = time.milliseconds / UsageDay.milliseconds
        if number != day.number { begin(UsageDay(number: number)) }
        let name = UInt64(endpoint.serial) << 32 | UInt64(key.number)
        let cell = cells[name] ?? makeCell(name, key, endpoint)
        cell.open += 1
        cell.lastUsed = time
        let slot = cell.place.flatMap { book?.open(cell: $0, at: time.milliseconds) }
        return Booking(cell: cell, slot: slot)
    }

    /// So many tokens have been counted of the answer so far.
    @inline(__always)
    func note(_ tokens: Int, of booking: Booking) {
        if let slot = booking.slot { book?.note(tokens, slot: slot) }
    }

    /// Books what a request used, as the one end of its booking.
    mutating func settle(
        _ booking: Booking, figures: UsageFigures, failed: Bool, milliseconds: Int64, at time: Timestamp
    ) {
        let cell = booking.cell
        cell.open -= 1
        cell.lastUsed = time
        let sums = UsageSums(
            requests: 1, failedRequests: failed ? 1 : 0, tokensIn: Int64(figures.tokensIn),
            tokensOut: Int64(figures.tokensOut), milliseconds: milliseconds)
        if let place = cell.place, let book {
            book.settle(cell: place, slot: booking.slot, sums: sums, isEstimated: figures.isEstimated)
        } else {
            cell.addInMemory(sums, isEstimated: figures.isEstimated)
        }
    }

    /// Gives what was settled since the last time, and what is open.
    mutating func collect(at time: Timestamp) -> LaneDelta {
        book?.beat(time.milliseconds)
        var delta = LaneDelta()
        // Added up as numbers first: there may be thousands, and the loop serves nobody meanwhile.
        book?.eachOpen { place, began, tokens in
            byPlace[place]?.underWay.addCut(tokens: tokens, milliseconds: max(0, time.milliseconds - began))
        }
        for (name, cell) in cells where !collect(cell, into: &delta, at: time) { cells[name] = nil }
        var kept: [UsageCell] = []
        for cell in former where collect(cell, into: &delta, at: time) { kept.append(cell) }
        former = kept
        return delta
    }

    /// False when the cell is of no more use, and has been given back.
    private mutating func collect(_ cell: UsageCell, into delta: inout LaneDelta, at time: Timestamp) -> Bool {
        if cell.underWay.requests > 0 {
            delta.addOpen(cell.name, cell.underWay)
            cell.underWay = UsageSums()
        }
        let total = cell.total(in: book)
        let fresh = total.since(cell.collected)
        cell.collected = total
        if !fresh.isEmpty {
            delta.changes.append(LaneDelta.Change(lane: lane, serial: cell.serial, name: cell.name, sums: fresh))
            delta.lastUsed[cell.name.keyID] = max(cell.lastUsed, delta.lastUsed[cell.name.keyID] ?? cell.lastUsed)
        }
        cell.idleCollections = fresh.isEmpty && cell.open == 0 ? cell.idleCollections + 1 : 0
        guard cell.idleCollections > Self.maxIdleCollections else { return true }
        if let place = cell.place {
            book?.freeCell(place)
            byPlace[place] = nil
            delta.retired.append(JournalState.CellID(lane: lane, serial: cell.serial))
        }
        return false
    }

    private mutating func begin(_ day: UsageDay) {
        self.day = day
        former += cells.values
        cells = [:]
    }

    private mutating func makeCell(_ number: UInt64, _ key: KeyEntry, _ endpoint: Endpoint) -> UsageCell {
        let name = UsageCellName(
            day: day.text, projectID: endpoint.projectID, workloadSlug: endpoint.slug, keyID: key.id)
        let cell = UsageCell(name, place: book?.makeCell(name))
        cells[number] = cell
        if let place = cell.place { byPlace[place] = cell }
        return cell
    }
}

/// One key's use of one endpoint on one day, as one loop counts it.
final class UsageCell {
    let name: UsageCellName
    /// Where it stands in the book; nil when it is in memory alone.
    let place: Int?
    /// Tells it from later cells in the same place; 0 for one in memory alone.
    let serial: UInt64
    /// Requests that began and have not ended.
    var open = 0
    /// What these have used, while it is added up.
    var underWay = UsageSums()
    /// What was there at the last collection.
    var collected = UsageTotal()
    var lastUsed = Timestamp(milliseconds: 0)
    var idleCollections = 0
    private var inMemory = UsageTotal()

    init(_ name: UsageCellName, place: (index: Int, serial: UInt64)?) {
        self.name = name
        self.place = place?.index
        serial = place?.serial ?? 0
    }

    func addInMemory(_ sums: UsageSums, isEstimated: Bool) {
        var added = UsageTotal()
        if isEstimated { added.estimated = sums } else { added.told = sums }
        inMemory.add(added)
    }

    func total(in book: UsageBook?) -> UsageTotal {
        guard let place, let book else { return inMemory }
        return book.total(of: place)
    }
}

/// A day of UTC.
struct UsageDay: Sendable, Hashable {
    static let milliseconds: Int64 = 86_400_000

    /// Since 1970.
    let number: Int64
    /// `2026-11-24`
    let text: String

    init(number: Int64) {
        self.number = number
        text = String(Timestamp(milliseconds: number * Self.milliseconds).description.prefix(10))
    }
}

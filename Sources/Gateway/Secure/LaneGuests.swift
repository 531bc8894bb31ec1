import NIOCore

/// A connection of a loop that is no ``ClientConnection`` itself: one that is still shaking hands, or one whose streams
/// are.
protocol LaneGuest: AnyObject {
    /// Where the loop keeps it; below zero when it does not.
    var guestIndex: Int { get set }
    /// Looks whether a deadline has passed. May close.
    func checkDeadlines(_ now: NIODeadline)
    /// Takes no new request, and closes when none is open.
    func drain()
    func close()
}

/// All guests of one loop.
struct LaneGuests {
    private var guests: [any LaneGuest] = []

    var isEmpty: Bool { guests.isEmpty }
    var count: Int { guests.count }
    subscript(_ index: Int) -> any LaneGuest { guests[index] }

    mutating func add(_ guest: any LaneGuest) {
        guest.guestIndex = guests.count
        guests.append(guest)
    }

    mutating func remove(_ guest: any LaneGuest) {
        let index = guest.guestIndex
        guard index >= 0 else { return }
        guest.guestIndex = -1
        let last = guests.removeLast()
        if last !== guest {
            guests[index] = last
            last.guestIndex = index
        }
    }

    /// All of them, to be told something that may remove some.
    var all: [any LaneGuest] { guests }
}

extension Lane {
    func welcome(_ guest: any LaneGuest) { guests.add(guest) }

    func leave(_ guest: any LaneGuest) {
        guests.remove(guest)
        checkEmptied()
    }
}

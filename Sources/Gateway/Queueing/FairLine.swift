/// Those who wait for room at one workload's replicas: a line for each key, served in turns, so that a key with many
/// waiting requests makes nobody else wait longer. Pure.
///
/// A full line turns the newest away: the newest of the key with the most waiting ones, be it the one that just came or
/// one that another key sent before.
struct FairLine<Element> {
    private struct Line {
        var waiting: [(number: UInt64, element: Element)] = []
        /// Those before it have gone.
        var first = 0

        var count: Int { waiting.count - first }

        mutating func takeFirst() -> Element? {
            guard first < waiting.count else { return nil }
            defer {
                first += 1
                if first > 32, first * 2 > waiting.count {
                    waiting.removeFirst(first)
                    first = 0
                }
            }
            return waiting[first].element
        }
    }

    private var lines: [UInt32: Line] = [:]
    /// The keys that have a line, the next one to be served first.
    private var turns: [UInt32] = []
    private(set) var count = 0
    private var nextNumber: UInt64 = 1

    /// Names one that waits.
    struct Ticket: Sendable, Hashable {
        var key: UInt32
        var number: UInt64
    }

    enum Admission {
        case waits(Ticket)
        /// It waits in the place of one that is turned away.
        case waitsInsteadOf(Element, Ticket)
        /// It is itself the newest of the longest line.
        case turnedAway
    }

    mutating func add(_ element: Element, key: UInt32, limit: Int) -> Admission {
        guard limit > 0 else { return .turnedAway }
        guard count >= limit else { return .waits(append(element, key)) }
        guard let longest = longestLine(), lineCount(longest) > lineCount(key) + 1,
            let newest = lines[longest]?.waiting.popLast()
        else { return .turnedAway }
        count -= 1
        forgetIfEmpty(longest)
        return .waitsInsteadOf(newest.element, append(element, key))
    }

    /// The first one of the key whose turn it is.
    mutating func next() -> Element? {
        guard let key = turns.first, let element = lines[key]?.takeFirst() else { return nil }
        count -= 1
        turns.removeFirst()
        if lineCount(key) == 0 { lines[key] = nil } else { turns.append(key) }
        return element
    }

    /// Takes out one that waits no longer; false when it had already gone.
    mutating func remove(_ ticket: Ticket) -> Bool {
        guard let line = lines[ticket.key],
            let place = line.waiting.indices.dropFirst(line.first).first(where: {
                line.waiting[$0].number == ticket.number
            })
        else { return false }
        lines[ticket.key]?.waiting.remove(at: place)
        count -= 1
        forgetIfEmpty(ticket.key)
        return true
    }

    private mutating func append(_ element: Element, _ key: UInt32) -> Ticket {
        let ticket = Ticket(key: key, number: nextNumber)
        nextNumber += 1
        if lines[key] == nil { turns.append(key) }
        lines[key, default: Line()].waiting.append((ticket.number, element))
        count += 1
        return ticket
    }

    private func lineCount(_ key: UInt32) -> Int { lines[key]?.count ?? 0 }

    private func longestLine() -> UInt32? { turns.max { lineCount($0) < lineCount($1) } }

    private mutating func forgetIfEmpty(_ key: UInt32) {
        guard lineCount(key) == 0 else { return }
        lines[key] = nil
        turns.removeAll { $0 == key }
    }
}

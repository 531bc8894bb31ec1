import Testing

@testable import Gateway

@Suite("the line in front of full replicas")
struct FairLineTests {
    @Test("serves the keys in turns, each key's requests in their order")
    func fair() {
        var line = FairLine<String>()
        for name in ["a1", "a2", "a3", "a4"] { _ = line.add(name, key: 1, limit: 10) }
        _ = line.add("b1", key: 2, limit: 10)
        for name in ["c1", "c2"] { _ = line.add(name, key: 3, limit: 10) }
        var served: [String] = []
        while let next = line.next() { served.append(next) }
        #expect(served == ["a1", "b1", "c1", "a2", "c2", "a3", "a4"])
        #expect(line.count == 0)
    }

    @Test("a key that fills the line loses its newest to a key that comes, and nothing of others")
    func shedsNewest() {
        var line = FairLine<String>()
        for name in ["a1", "a2", "a3"] { _ = line.add(name, key: 1, limit: 3) }
        guard case .turnedAway = line.add("a4", key: 1, limit: 3) else {
            Issue.record("the newest of the only key was not turned away")
            return
        }
        guard case .waitsInsteadOf("a3", _) = line.add("b1", key: 2, limit: 3) else {
            Issue.record("the newest of the longest line was not turned away")
            return
        }
        guard case .turnedAway = line.add("b2", key: 2, limit: 3) else {
            Issue.record("one that would be as many as the longest was let in")
            return
        }
        #expect(line.count == 3)
        #expect([line.next(), line.next(), line.next(), line.next()] == ["a1", "b1", "a2", nil])
    }

    @Test("one that leaves is gone, once, and its key's turn with its last")
    func leaves() {
        var line = FairLine<String>()
        guard case .waits(let first) = line.add("a1", key: 1, limit: 3),
            case .waits(let second) = line.add("a2", key: 1, limit: 3),
            case .waits = line.add("b1", key: 2, limit: 3)
        else {
            Issue.record("the line is full")
            return
        }
        #expect(line.remove(first) == true)
        #expect(line.remove(first) == false)
        #expect(line.remove(second) == true)
        #expect(line.next() == "b1")
        #expect(line.next() == nil)
        #expect(line.remove(second) == false)
    }

    @Test("no length lets nobody wait")
    func none() {
        var line = FairLine<Int>()
        guard case .turnedAway = line.add(1, key: 1, limit: 0) else {
            Issue.record("somebody waits")
            return
        }
    }

    @Test("a long life keeps the order and forgets what has gone", arguments: [1, 2, 3])
    func longLife(_ seed: UInt64) {
        var random = SeededRandom(state: seed)
        var line = FairLine<Int>()
        var waiting: [UInt32: [Int]] = [:]
        for number in 0..<5000 {
            let key = UInt32(random.below(4))
            if random.below(2) == 0, case .waits = line.add(number, key: key, limit: 5001) {
                waiting[key, default: []].append(number)
            } else if let next = line.next() {
                let owner = waiting.first { $0.value.first == next }?.key
                #expect(owner != nil, "\(next) was not the first of its key")
                if let owner { waiting[owner]?.removeFirst() }
            }
            #expect(line.count == waiting.values.reduce(0) { $0 + $1.count })
        }
    }

    @Test("tells when to come back by how the line moves")
    func pace() {
        var pace = Pace()
        #expect(pace.estimate(ahead: 10) == Pace.unknownMilliseconds)
        for now in stride(from: Int64(0), through: 1000, by: 50) { pace.served(at: now) }
        #expect(pace.estimate(ahead: 9) == 500)
        #expect(pace.estimate(ahead: 0) == Pace.leastMilliseconds)
        #expect(pace.estimate(ahead: 1_000_000) == 120_000)
        // An hour without a line says nothing about its speed.
        pace.served(at: 3_600_000)
        #expect(pace.estimate(ahead: 9) == 500)
    }
}

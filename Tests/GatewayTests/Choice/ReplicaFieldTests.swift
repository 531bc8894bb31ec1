import Testing

@testable import Gateway

@Suite("choosing a replica")
struct ReplicaFieldTests {
    private func choose<Result>(_ loads: [Int], usable: UInt64? = nil, _ body: (ReplicaField) -> Result) -> Result {
        loads.withUnsafeBufferPointer { buffer in
            body(ReplicaField(loads: buffer, usable: usable ?? UInt64.max >> UInt64(64 - loads.count)))
        }
    }

    @Test("the fewest open requests win, the next in turn among equals")
    func leastInflight() {
        #expect(choose([3, 1, 2]) { $0.leastInflight(from: 0) } == 1)
        #expect(choose([1, 1, 1]) { $0.leastInflight(from: 2) } == 2)
        #expect(choose([0, 1, 1], usable: 0b110) { $0.leastInflight(from: 0) } == 1)
    }

    @Test("turns pass over what may not be chosen and begin again")
    func turns() {
        #expect(choose([9, 9, 9], usable: 0b101) { $0.next(from: 1) } == 2)
        #expect(choose([9, 9, 9], usable: 0b011) { $0.next(from: 2) } == 0)
    }

    @Test("the cap is a quarter above the mean, and somebody is always below it", arguments: 1...64)
    func cap(_ count: Int) {
        var random = SeededRandom(state: UInt64(count))
        for _ in 0..<200 {
            let loads = (0..<count).map { _ in random.below(50) }
            let cap = choose(loads) { $0.cap }
            let mean = Double(loads.reduce(1, +)) / Double(count)
            #expect(Double(cap) >= 1.25 * mean && Double(cap) < 1.25 * mean + 1)
            #expect(loads.contains { $0 < cap })
        }
    }

    @Test("a session stays where it is; when a replica goes only its sessions move, and they spread")
    func sessions() {
        let identities = (0..<8).map { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 &+ 77 }
        let loads = Array(repeating: 0, count: 8)
        func home(_ session: Int, usable: UInt64) -> Int {
            let hash = Array("session-\(session)".utf8).withUnsafeBytes { SessionHash.of($0) }
            return identities.withUnsafeBufferPointer { identities in
                choose(loads, usable: usable) { $0.home(of: hash, identities: identities) }
            }
        }
        var counts = Array(repeating: 0, count: 8)
        var moved = Array(repeating: 0, count: 8)
        for session in 0..<8000 {
            let before = home(session, usable: 0xFF)
            let after = home(session, usable: 0xFB)
            counts[before] += 1
            if before == 2 { moved[after] += 1 } else { #expect(after == before) }
        }
        #expect(counts.allSatisfy { (850...1150).contains($0) })
        #expect(moved[2] == 0)
        #expect(moved.filter { $0 > 80 }.count == 7)
    }

    @Test("a session whose replica is full goes to the next of its own order")
    func fullHome() {
        let identities: [UInt64] = [11, 22, 33]
        let hash = Array("s".utf8).withUnsafeBytes { SessionHash.of($0) }
        identities.withUnsafeBufferPointer { identities in
            let first = choose([0, 0, 0]) { $0.home(of: hash, identities: identities) }
            var loads = [0, 0, 0]
            loads[first] = 9
            let second = choose(loads) { $0.home(of: hash, identities: identities) }
            #expect(second != first)
            #expect(
                choose([0, 0, 0], usable: 7 & ~(1 << UInt64(first))) {
                    $0.home(of: hash, identities: identities)
                } == second)
        }
    }

    /// Of three replicas.
    private func reader(
        _ loads: [Int], depths: [Int], idle: [UInt64] = [0, 0, 0], homes: [UInt64] = [1, 2, 3],
        chosen: [Int] = [0, 0, 0], placed: [Int] = [0, 0, 0]
    ) -> Int {
        let scratch = ReaderScratch(depths: depths, idle: idle, homes: homes, chosen: chosen, placed: placed)
        return choose(loads) { $0.reader(scratch.knowledge(blocks: 48)) }
    }

    @Test("who knows most of a prompt reads it; of equals the one at home, unless the other read it long after")
    func readers() {
        #expect(reader([2, 1, 1], depths: [40, 38, 0]) == 0)
        #expect(reader([2, 1, 1], depths: [40, 40, 0], homes: [9, 5, 0]) == 0)
        #expect(reader([2, 1, 1], depths: [40, 40, 0], homes: [5, 9, 0]) == 1)
        #expect(reader([2, 1, 1], depths: [40, 40, 0], idle: [9, 0, 0], homes: [9, 5, 0]) == 1)
    }

    @Test("one far above the mean is passed over; one a little above it only when it was chosen too often lately")
    func bounds() {
        #expect(reader([40, 4, 4], depths: [40, 38, 0]) == 1)
        #expect(reader([14, 8, 8], depths: [40, 38, 0]) == 0)
        #expect(reader([14, 8, 8], depths: [40, 38, 0], chosen: [90, 40, 40]) == 1)
        #expect(reader([14, 8, 8], depths: [40, 0, 0], chosen: [90, 40, 40]) != 0)
    }

    @Test("a prompt that is mostly new goes to the one that was given the least to read, unless it is full")
    func newPrompts() {
        #expect(reader([2, 1, 1], depths: [20, 0, 0], placed: [9, 7, 5]) == 2)
        #expect(reader([3, 1, 1], depths: [20, 0, 0], placed: [0, 7, 5]) == 2)
        #expect(reader([1, 2, 1], depths: [0, 0, 0], placed: [5, 5, 5]) == 0)
    }
}

/// Holds the numbers of a ``ReplicaField/Knowledge`` while it is used.
private final class ReaderScratch {
    private let numbers: [UnsafeMutableBufferPointer<Int>]
    private let words: [UnsafeMutableBufferPointer<UInt64>]

    init(depths: [Int], idle: [UInt64], homes: [UInt64], chosen: [Int], placed: [Int]) {
        func copy<Number>(_ array: [Number]) -> UnsafeMutableBufferPointer<Number> {
            let buffer = UnsafeMutableBufferPointer<Number>.allocate(capacity: array.count)
            _ = buffer.initialize(from: array)
            return buffer
        }
        numbers = [depths, chosen, placed].map(copy)
        words = [idle, homes].map(copy)
    }

    deinit {
        for buffer in numbers { buffer.deallocate() }
        for buffer in words { buffer.deallocate() }
    }

    func knowledge(blocks: Int) -> ReplicaField.Knowledge {
        ReplicaField.Knowledge(
            depths: UnsafeBufferPointer(numbers[0]), idle: UnsafeBufferPointer(words[0]),
            homes: UnsafeBufferPointer(words[1]), chosen: UnsafeBufferPointer(numbers[1]),
            placed: UnsafeBufferPointer(numbers[2]), blocks: blocks)
    }
}

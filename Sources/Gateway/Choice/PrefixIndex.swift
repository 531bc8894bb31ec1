import Synchronization

/// Which replicas have read which beginnings, as one Gateway saw it: a guess at the engines' prefix caches.
///
/// One table of a fixed size for each workload, shared by all loops: its words are atomic and every one stands for
/// itself, so nothing is locked. Two loops that write one entry at once may lose a note; that costs one request a worse
/// replica. Where the table is full, what was not used for the longest time goes.
final class PrefixIndex: Sendable {
    /// Replicas of one workload it can tell apart.
    static let maxReplicas = 64
    /// 65,536 beginnings of 512 bytes: 32 MB of prompts in 1 MB.
    static let defaultEntries = 65_536

    /// In pairs: 48 bits of the hash with 16 of the time of its last use, then up to four holders of 16 bits each:
    /// 7 of the replica's place and one, 9 of the time of its last use.
    // Written once, before anybody else knows the index; freed when nobody does any more.
    nonisolated(unsafe) private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let entries: Int

    /// - Parameter entries: a power of two, 4 at least.
    init(entries: Int = PrefixIndex.defaultEntries) {
        precondition(entries >= Self.ways && entries & (entries - 1) == 0, "the entries must be a power of two")
        self.entries = entries
        words = .allocate(capacity: 2 * entries)
        for index in 0..<2 * entries { (words + index).initialize(to: Atomic(0)) }
    }

    deinit {
        words.deinitialize(count: 2 * entries)
        words.deallocate()
    }

    /// The unit of the times in the table.
    static let secondsPerAge: Int64 = 8

    static func age(ofMilliseconds now: Int64) -> UInt64 { UInt64(truncatingIfNeeded: now / (secondsPerAge * 1000)) }

    /// What is known of a prompt.
    struct Match {
        /// For each replica's place, the blocks of the prompt it has read in one piece from the start.
        var depths: UnsafeMutableBufferPointer<Int>
        /// When it last read the last of them.
        var ages: UnsafeMutableBufferPointer<UInt64>
    }

    /// Looks a prompt up; `match` must have room for ``maxReplicas`` and is overwritten.
    func look(up hashes: UnsafeBufferPointer<UInt64>, into match: Match) {
        match.depths.update(repeating: 0)
        match.ages.update(repeating: 0)
        var alive = UInt64.max
        var gap = 0
        for (depth, hash) in hashes.enumerated() {
            guard let entry = find(hash) else {
                gap += 1
                if gap > Self.longestGap { return }
                continue
            }
            gap = 0
            var holders = words[entry + 1].load(ordering: .relaxed)
            var here: UInt64 = 0
            while holders != 0 {
                let place = Int((holders & 0xFFFF) >> 9) - 1
                if place >= 0, alive & (1 << UInt64(place)) != 0 {
                    here |= 1 << UInt64(place)
                    match.depths[place] = depth + 1
                    match.ages[place] = holders & Self.ageMask
                }
                holders >>= 16
            }
            alive = here
            if alive == 0 { return }
        }
    }

    /// Notes that the replica at `place` reads a prompt now.
    func note(_ hashes: UnsafeBufferPointer<UInt64>, by place: Int, age: UInt64) {
        for hash in hashes {
            if let entry = find(hash) {
                touch(entry, hash, age)
                hold(entry, by: place, age)
            } else {
                let entry = oldest(hash, age)
                words[entry + 1].store(Self.holder(place, age), ordering: .relaxed)
                words[entry].store(Self.tag(hash) | (age &- Self.probationAges) & 0xFFFF, ordering: .relaxed)
            }
        }
    }

    /// Forgets what the replicas at `places` have read.
    func forget(_ places: UInt64) {
        guard places != 0 else { return }
        for entry in 0..<entries {
            let word = words + (2 * entry + 1)
            let held = word.pointee.load(ordering: .relaxed)
            var kept = held
            for shift in stride(from: UInt64(0), to: 64, by: 16) {
                let place = Int(held >> (shift + 9) & 0x7F) - 1
                if place >= 0, places & (1 << UInt64(place)) != 0 { kept &= ~(0xFFFF << shift) }
            }
            if kept != held { word.pointee.store(kept, ordering: .relaxed) }
        }
    }
}

extension PrefixIndex {
    private static let ways = 4
    /// Blocks in a row that may have been dropped from the table without the end of what is known: where a prompt
    /// differs, all that follow differ.
    private static let longestGap = 2
    /// What is new goes as if it had not been used for a minute: most of it is a question nobody asks again.
    private static let probationAges: UInt64 = 8
    static let ageMask: UInt64 = 0x1FF

    private static func tag(_ hash: UInt64) -> UInt64 { hash & ~0xFFFF }

    private static func holder(_ place: Int, _ age: UInt64) -> UInt64 { UInt64(place + 1) << 9 | age & ageMask }

    /// The first word of the four entries that may hold `hash`.
    @inline(__always)
    private func bucket(_ hash: UInt64) -> Int {
        let mixed = (hash &* 0x9E37_79B9_7F4A_7C15) >> 20
        let bucket = Int(truncatingIfNeeded: mixed) & (entries / Self.ways - 1)
        return bucket * 2 * Self.ways
    }

    @inline(__always)
    private func find(_ hash: UInt64) -> Int? {
        let start = bucket(hash)
        for way in 0..<Self.ways {
            let entry = start + 2 * way
            if words[entry].load(ordering: .relaxed) & ~0xFFFF == Self.tag(hash) { return entry }
        }
        return nil
    }

    private func touch(_ entry: Int, _ hash: UInt64, _ age: UInt64) {
        let word = Self.tag(hash) | age & 0xFFFF
        if words[entry].load(ordering: .relaxed) != word { words[entry].store(word, ordering: .relaxed) }
    }

    /// Where there are four others, the one goes that has not read it for the longest time.
    private func hold(_ entry: Int, by place: Int, _ age: UInt64) {
        let held = words[entry + 1].load(ordering: .relaxed)
        var target: UInt64 = 0
        var longest: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 16) {
            let holder = held >> shift & 0xFFFF
            if Int(holder >> 9) == place + 1 {
                target = shift
                break
            }
            let idle = holder == 0 ? UInt64.max : (age &- holder) & Self.ageMask
            if idle > longest {
                longest = idle
                target = shift
            }
        }
        let next = held & ~(0xFFFF << target) | Self.holder(place, age) << target
        if next != held { words[entry + 1].store(next, ordering: .relaxed) }
    }

    /// The entry of the bucket that is free or was not used for the longest time.
    private func oldest(_ hash: UInt64, _ age: UInt64) -> Int {
        let start = bucket(hash)
        var best = start
        var longest: UInt64 = 0
        for way in 0..<Self.ways {
            let word = words[start + 2 * way].load(ordering: .relaxed)
            let idle = word == 0 ? UInt64.max : (age &- word) & 0xFFFF
            if idle > longest || way == 0 {
                longest = idle
                best = start + 2 * way
            }
        }
        return best
    }
}

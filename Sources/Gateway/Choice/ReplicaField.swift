/// The replicas a request may go to, as numbers: what a choice is made from. Its memory belongs to who made it.
struct ReplicaField {
    /// More replicas of one workload than this are not looked at.
    static let maxReplicas = PrefixIndex.maxReplicas

    /// Open requests of each.
    var loads: UnsafeBufferPointer<Int>
    /// Those that may be chosen, a bit each; not none.
    var usable: UInt64

    func isUsable(_ index: Int) -> Bool { usable & (1 << UInt64(index)) != 0 }

    /// The most open requests a replica may have to be chosen for what it knows: a quarter above the mean, the request
    /// itself counted. One with fewer is always there.
    var cap: Int {
        var total = 1
        for index in loads.indices where isUsable(index) { total += loads[index] }
        let count = usable.nonzeroBitCount
        return (5 * total + 4 * count - 1) / (4 * count)
    }
}

// Each gives the place of one usable replica.
extension ReplicaField {
    /// The one with the fewest open requests; the first from `turn` on among equals.
    func leastInflight(from turn: Int) -> Int {
        var best = usable.trailingZeroBitCount
        var least = Int.max
        for offset in 0..<loads.count {
            let index = turn + offset < loads.count ? turn + offset : turn + offset - loads.count
            if isUsable(index), loads[index] < least {
                least = loads[index]
                best = index
            }
        }
        return best
    }

    /// The first from `turn` on.
    func next(from turn: Int) -> Int {
        let rest = usable & (UInt64.max << UInt64(turn))
        return rest == 0 ? usable.trailingZeroBitCount : rest.trailingZeroBitCount
    }

    /// The one that a session belongs to: by rendezvous hashing, so that a replica that comes or goes moves only its
    /// own sessions. One that is full gives its session to the next in the session's own order.
    ///
    /// - Parameter identities: one number for each replica that stays the same while it lives.
    func home(of session: UInt64, identities: UnsafeBufferPointer<UInt64>) -> Int {
        let cap = cap
        var best = usable.trailingZeroBitCount
        var heaviest: UInt64 = 0
        for index in loads.indices where isUsable(index) && loads[index] < cap {
            let product = (session ^ identities[index]).multipliedFullWidth(by: 0xA076_1D64_78BD_642F ^ session)
            let weight = product.high ^ product.low
            if weight >= heaviest {
                heaviest = weight
                best = index
            }
        }
        return best
    }

    /// What the prefix policy knows of each replica.
    struct Knowledge {
        /// Blocks of the prompt it has read.
        var depths: UnsafeBufferPointer<Int>
        /// How long ago it read the last of them, in the index's units.
        var idle: UnsafeBufferPointer<UInt64>
        /// A number that says who of several that have read them is at home with them: the same for every request.
        var homes: UnsafeBufferPointer<UInt64>
        /// How often it was chosen lately, and the blocks it was given to read that it did not know.
        var chosen: UnsafeBufferPointer<Int>
        var placed: UnsafeBufferPointer<Int>
        /// All blocks of the prompt.
        var blocks: Int
    }

    /// The replica that has read at least half of the prompt and the most of it, of those that have room. Among equals
    /// the one that is at home with it, so that what spills over returns; but not one that read it long before the
    /// other, since it may have dropped it. A prompt nobody knows goes to the one that was given the least to read
    /// lately, of those below the cap.
    func reader(_ known: Knowledge) -> Int {
        let bounds = bounds(known)
        var best: Int?
        for index in loads.indices where isUsable(index) && known.depths[index] * 2 >= known.blocks {
            guard bounds.holds(loads[index], chosen: known.chosen[index]) else { continue }
            best = best.map { Self.isBetter(index, than: $0, known) ? index : $0 } ?? index
        }
        return best ?? newReader(known)
    }

    /// Longer than this after another one, a replica is no longer taken to have kept a beginning: half a minute.
    private static let staleAges: UInt64 = 4

    private static func isBetter(_ index: Int, than former: Int, _ known: Knowledge) -> Bool {
        let (left, right) = (known.depths[index], known.depths[former])
        if left != right { return left > right }
        let (idle, formerIdle) = (known.idle[index], known.idle[former])
        if max(idle, formerIdle) - min(idle, formerIdle) > staleAges { return idle < formerIdle }
        return known.homes[index] > known.homes[former]
    }

    private func newReader(_ known: Knowledge) -> Int {
        let cap = cap
        var best: Int?
        for index in loads.indices where isUsable(index) && loads[index] < cap {
            guard let former = best else {
                best = index
                continue
            }
            if (known.placed[index], loads[index]) < (known.placed[former], loads[former]) { best = index }
        }
        return best ?? usable.trailingZeroBitCount
    }

    /// Up to where a replica may be chosen for what it knows: to the cap; and as far above it as chance alone
    /// leads (two standard deviations of the mean), as long as it was not chosen a fifth more often than the others lately. So
    /// chance does not move prompts, and a lasting surplus does.
    private struct Bounds {
        var cap: Int
        var burst: Int
        var chosen: Int

        func holds(_ load: Int, chosen count: Int) -> Bool { load < cap || load < burst && count < chosen }
    }

    private func bounds(_ known: Knowledge) -> Bounds {
        var (total, chosen) = (1, 1)
        for index in loads.indices where isUsable(index) {
            total += loads[index]
            chosen += known.chosen[index]
        }
        let count = usable.nonzeroBitCount
        let mean = Double(total) / Double(count)
        let burst = Int((1.3 * mean + 2 * mean.squareRoot()).rounded(.up))
        return Bounds(cap: cap, burst: burst, chosen: 6 * chosen / (5 * count) + 4)
    }
}

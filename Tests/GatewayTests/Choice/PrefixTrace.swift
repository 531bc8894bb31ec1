@testable import Gateway

/// A simulated service: tenants with long prefixes of their own, several users each, over replicas that read prompts one
/// after another and keep what they read as long as there is room. Times are simulated, so a run is the same everywhere.
struct PrefixTrace {
    enum Policy: String, CaseIterable {
        case prefix
        case leastInflight = "least_inflight"
        case roundRobin = "round_robin"
        /// The published rules of the routers that keep a tree of texts: the shortest queue while loads differ by more
        /// than 64 and by half, else the replica with the longest match above 0.5, else the one with the smallest tree.
        case cacheAware = "tree of texts"
    }

    /// What the simulated replicas met.
    struct Outcome {
        /// Of all tokens of prompts, those that the replica had kept.
        var hitRate = 0.0
        var medianFirstToken = 0.0
        var p90FirstToken = 0.0
        /// Open requests of the busiest replica by those of the mean one, over the whole time.
        var maxByMeanLoad = 0.0
        /// The same of all requests.
        var maxByMeanRequests = 0.0
    }

    var tenants = 150
    var usersPerTenant = 5
    var prefixBytes = 24_000
    var questionBytes = 4800
    var replicas = 8
    var requests = 12_000
    var requestsPerSecond = 40.0
    /// The share of all requests that the first tenant sends; nil for as many as the others.
    var firstTenantShare: Double?
    var bytesPerToken = 4.0
    var keptTokens = 154_000
    var readTokensPerSecond = 10_000.0
    var answerSeconds = 2.0
    var seed: UInt64 = 7

    func run(_ policy: Policy) -> Outcome {
        var random = SeededRandom(state: seed)
        let prefixes = (0..<tenants).map { _ in random.text(prefixBytes) }
        var simulation = PrefixSimulation(self, policy)
        var time = 0.0
        for _ in 0..<requests {
            time += random.exponential(mean: 1 / requestsPerSecond)
            let isFirst = firstTenantShare.map { random.unit() < $0 } ?? false
            let tenant = isFirst ? 0 : random.below(tenants)
            _ = random.below(usersPerTenant)
            simulation.send(prefixes[tenant] + random.text(questionBytes), at: time)
        }
        return simulation.outcome
    }
}

/// Random numbers that are the same in every run (SplitMix64).
struct SeededRandom {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(next() >> 1) % limit }
    mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }

    /// Of a Poisson process.
    mutating func exponential(mean: Double) -> Double {
        // The logarithm without the C library: the sum of -ln over halvings is exact enough for arrivals.
        var value = 1 - unit()
        var halvings = 0.0
        while value < 0.5 {
            value *= 2
            halvings += 1
        }
        let part = (value - 1) / (value + 1)
        let square = part * part
        let log = 2 * part * (1 + square / 3 + square * square / 5 + square * square * square / 7)
        return (halvings * 0.693_147_180_559_945_3 - log) * mean
    }

    /// Printable bytes.
    mutating func text(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            var index = 0
            while index < count {
                var word = next()
                for _ in 0..<8 where index < count {
                    buffer[index] = UInt8(32 + word & 0x3F)
                    word >>= 8
                    index += 1
                }
            }
            initialized = count
        }
    }
}

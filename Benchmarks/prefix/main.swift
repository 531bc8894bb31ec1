// Runs the trace of long prefixes under each policy, and measures what a decision costs.

func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }

/// With two digits after the point.
func hundredths(_ value: Double) -> String { padded("\((value * 100).rounded() / 100)", 12) }

/// What is compared of the outcomes of a trace.
struct Measure: Sendable {
    var title: String
    var places: Int
    var moreIsBetter = false
    var value: @Sendable (PrefixTrace.Outcome) -> Double

    static let all = [
        Measure(title: "hit rate", places: 3, moreIsBetter: true) { $0.hitRate },
        Measure(title: "first token p90, s", places: 1) { $0.p90FirstToken },
        Measure(title: "max/mean open requests", places: 2) { $0.maxByMeanLoad },
    ]

    /// The median and the worst of `outcomes`, and in how many of them `ours` is better.
    func cell(_ outcomes: [PrefixTrace.Outcome], against ours: [PrefixTrace.Outcome]) -> String {
        let values = outcomes.map(value)
        let sorted = values.sorted()
        let worst = moreIsBetter ? sorted[0] : sorted[sorted.count - 1]
        let wins = zip(ours, values).filter { moreIsBetter ? value($0) > $1 : value($0) < $1 }
        let cell = "\(rounded(sorted[sorted.count / 2])) (\(rounded(worst)))"
        return values == ours.map(value) ? cell : "\(cell) \(wins.count)"
    }

    private func rounded(_ value: Double) -> Double {
        let scale = [1.0, 10, 100, 1000][places]
        return (value * scale).rounded() / scale
    }
}

/// Runs the trace with the seeds from 1 on under each policy.
func show(_ title: String, seeds: UInt64, _ trace: PrefixTrace, _ policies: [PrefixTrace.Policy]) {
    let outcomes = policies.map { policy in
        (1...seeds).map { seed in
            var seeded = trace
            seeded.seed = seed
            return seeded.run(policy)
        }
    }
    print("\n\(title); \(seeds) seeds of \(trace.requests) requests")
    print(padded("median (worst) wins", 20) + Measure.all.map { padded($0.title, 24) }.joined())
    for (policy, ofPolicy) in zip(policies, outcomes) {
        let cells = Measure.all.map { padded($0.cell(ofPolicy, against: outcomes[0]), 24) }
        print(padded(policy.rawValue, 20) + cells.joined())
    }
}

/// The median time of one decision over 8 replicas, in microseconds.
func decisionMicroseconds(promptBytes: Int, isKnown: Bool) -> Double {
    var random = SeededRandom(state: 11)
    let scratch = ChoiceScratch()
    let index = PrefixIndex()
    for replica in 0..<8 { scratch.places[replica] = replica }
    var prompt = random.text(promptBytes)
    let clock = ContinuousClock()
    let decisions = 1000
    var times: [Double] = []
    for _ in 0..<21 {
        let time = clock.measure {
            for turn in 0..<decisions {
                // Another first word: nothing of it is known.
                if !isKnown {
                    for byte in 0..<8 { prompt[byte] = UInt8(truncatingIfNeeded: random.state &>> (8 * UInt64(byte))) }
                }
                if !isKnown { _ = random.next() }
                scratch.loads[turn & 7] = turn & 3
                let field = ReplicaField(
                    loads: UnsafeBufferPointer(rebasing: scratch.loads[..<8]), usable: 0xFF)
                prompt.withUnsafeBytes { bytes in
                    let blocks = scratch.study(bytes, index, count: 8, age: 1)
                    let chosen = scratch.reader(field, blocks: blocks)
                    scratch.note(chosen, index, blocks: blocks, age: 1)
                }
            }
        }
        times.append(Double(time.components.attoseconds) / 1e12 / Double(decisions))
    }
    return times.sorted()[times.count / 2]
}

print("wins: the seeds in which prefix is better than the policy of the line")
show(
    "150 tenants with prefixes of 6,000 tokens, 5 users each, 8 replicas, 40 requests/s", seeds: 8, PrefixTrace(),
    [.prefix, .cacheAware])

// Others, shorter ones.
for (title, change) in [
    ("three in ten requests from one tenant", { $0.firstTenantShare = 0.3 }),
    ("30 requests/s", { $0.requestsPerSecond = 30 }), ("80 tenants", { $0.tenants = 80 }),
    ("75 tenants, 4 replicas, 18 requests/s", { ($0.tenants, $0.replicas, $0.requestsPerSecond) = (75, 4, 18) }),
] as [(String, (inout PrefixTrace) -> Void)] {
    var trace = PrefixTrace()
    trace.requests = 6000
    change(&trace)
    show(title, seeds: 3, trace, PrefixTrace.Policy.allCases)
}

print("\none decision of the prefix policy, 8 replicas, µs (median of 21 × 1,000)")
for bytes in [1024, 8192, 32_768, 131_072] {
    let known = decisionMicroseconds(promptBytes: bytes, isKnown: true)
    let new = decisionMicroseconds(promptBytes: bytes, isKnown: false)
    print(padded("\(bytes) bytes", 16) + "known " + hundredths(known) + "new " + hundredths(new))
}

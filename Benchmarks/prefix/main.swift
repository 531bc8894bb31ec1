// Runs the trace of long prefixes under each policy, and measures what a decision costs.

func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }

func number(_ value: Double, _ places: Int) -> String {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    return padded("\((value * scale).rounded() / scale)", 12)
}

func show(_ title: String, _ trace: PrefixTrace, _ policies: [PrefixTrace.Policy] = PrefixTrace.Policy.allCases) {
    print("\n\(title)")
    print(
        padded("policy", 16) + padded("hit rate", 12) + padded("p50 s", 12) + padded("p90 s", 12)
            + padded("max/mean", 12) + "max/mean of requests")
    for policy in policies {
        let outcome = trace.run(policy)
        print(
            padded(policy.rawValue, 16) + number(outcome.hitRate, 3) + number(outcome.medianFirstToken, 3)
                + number(outcome.p90FirstToken, 3) + number(outcome.maxByMeanLoad, 3)
                + number(outcome.maxByMeanRequests, 3))
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

show("150 tenants with prefixes of 6,000 tokens, 5 users each, 8 replicas, 40 requests/s", PrefixTrace())
var hot = PrefixTrace()
hot.firstTenantShare = 0.3
show("the same, three in ten requests from one tenant", hot)

// The trace is at nine tenths of what the replicas can read, where one seed says little. Others, shorter ones:
for (title, change) in [
    ("seed 1", { $0.seed = 1 }), ("seed 2", { $0.seed = 2 }), ("30 requests/s", { $0.requestsPerSecond = 30 }),
    ("80 tenants", { $0.tenants = 80 }),
    ("75 tenants, 4 replicas, 18 requests/s", { ($0.tenants, $0.replicas, $0.requestsPerSecond) = (75, 4, 18) }),
] as [(String, (inout PrefixTrace) -> Void)] {
    var trace = PrefixTrace()
    trace.requests = 8000
    change(&trace)
    show("8,000 requests of it: \(title)", trace, [.prefix, .cacheAware])
}

print("\none decision of the prefix policy, 8 replicas, µs (median of 21 × 1,000)")
for bytes in [1024, 8192, 32_768, 131_072] {
    let known = decisionMicroseconds(promptBytes: bytes, isKnown: true)
    let new = decisionMicroseconds(promptBytes: bytes, isKnown: false)
    print(padded("\(bytes) bytes", 16) + "known " + number(known, 2) + "new " + number(new, 2))
}

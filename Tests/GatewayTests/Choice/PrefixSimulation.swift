@testable import Gateway

/// One run of a ``PrefixTrace``.
struct PrefixSimulation {
    private let trace: PrefixTrace
    private let policy: PrefixTrace.Policy
    private let scratch = ChoiceScratch()
    private let index = PrefixIndex()
    private var engines: [SimulatedEngine]
    private var tree: TextTree
    private var open: [(end: Double, engine: Int)] = []
    private var chosen: [Int]
    private var placed: [Int]
    private var turn = 0
    private var fadedAt = 0.0
    private var waits: [Double] = []
    private var tokens = 0.0
    private var keptTokens = 0.0

    init(_ trace: PrefixTrace, _ policy: PrefixTrace.Policy) {
        self.trace = trace
        self.policy = policy
        engines = (0..<trace.replicas).map { _ in
            SimulatedEngine(
                keptBlocks: Int(Double(trace.keptTokens) * trace.bytesPerToken) / SimulatedEngine.blockBytes)
        }
        tree = TextTree(replicas: trace.replicas)
        chosen = Array(repeating: 0, count: trace.replicas)
        placed = Array(repeating: 0, count: trace.replicas)
    }

    mutating func send(_ prompt: [UInt8], at time: Double) {
        open.removeAll { request in
            guard request.end <= time else { return false }
            engines[request.engine].open -= 1
            return true
        }
        turn = (turn + 1) % engines.count
        let blocks = SimulatedEngine.blocks(of: prompt)
        let chosen = choose(prompt, blocks, at: time)
        let kept = engines[chosen].read(blocks)
        let all = Double(prompt.count) / trace.bytesPerToken
        let known = Double(kept * SimulatedEngine.blockBytes) / trace.bytesPerToken
        tokens += all
        keptTokens += known
        let start = max(time, engines[chosen].busyUntil)
        let read = (all - known) / trace.readTokensPerSecond
        engines[chosen].busyUntil = start + read
        engines[chosen].requests += 1
        engines[chosen].openSeconds += start + read + trace.answerSeconds - time
        engines[chosen].open += 1
        waits.append(start + read - time)
        open.append((start + read + trace.answerSeconds, chosen))
    }

    private mutating func choose(_ prompt: [UInt8], _ blocks: [UInt64], at time: Double) -> Int {
        if time - fadedAt > 10 {
            fadedAt = time
            for replica in placed.indices {
                chosen[replica] -= (chosen[replica] + 3) / 4
                placed[replica] -= (placed[replica] + 3) / 4
            }
        }
        for (replica, engine) in engines.enumerated() {
            scratch.loads[replica] = engine.open
            scratch.places[replica] = replica
            scratch.chosen[replica] = chosen[replica]
            scratch.placed[replica] = placed[replica]
        }
        let field = ReplicaField(
            loads: UnsafeBufferPointer(rebasing: scratch.loads[..<engines.count]),
            usable: (1 << UInt64(engines.count)) - 1)
        switch policy {
        case .leastInflight: return field.leastInflight(from: turn)
        case .roundRobin: return field.next(from: turn)
        case .cacheAware: return tree.choose(blocks, loads: engines.map(\.open))
        case .prefix:
            let age = PrefixIndex.age(ofMilliseconds: Int64(time * 1000))
            return prompt.withUnsafeBytes { bytes in
                let count = scratch.study(bytes, index, count: engines.count, age: age)
                let reader = scratch.reader(field, blocks: count)
                chosen[reader] += 1
                placed[reader] += count - scratch.depths[reader]
                scratch.note(reader, index, blocks: count, age: age)
                return reader
            }
        }
    }

    var outcome: PrefixTrace.Outcome {
        let sorted = waits.sorted()
        func byMean(_ values: [Double]) -> Double {
            (values.max() ?? 0) / (values.reduce(0, +) / Double(values.count))
        }
        return PrefixTrace.Outcome(
            hitRate: keptTokens / tokens, medianFirstToken: sorted[sorted.count / 2],
            p90FirstToken: sorted[sorted.count * 9 / 10], maxByMeanLoad: byMean(engines.map(\.openSeconds)),
            maxByMeanRequests: byMean(engines.map { Double($0.requests) }))
    }
}

/// An engine that keeps the blocks it has read, and drops those it did not need for the longest time.
struct SimulatedEngine {
    /// Sixteen tokens.
    static let blockBytes = 64

    var open = 0
    var busyUntil = 0.0
    var requests = 0
    /// Of all requests together.
    var openSeconds = 0.0
    private let keptBlocks: Int
    private var lastUse: [UInt64: Int] = [:]
    private var order: [(block: UInt64, use: Int)] = []
    private var oldest = 0
    private var uses = 0

    init(keptBlocks: Int) { self.keptBlocks = keptBlocks }

    /// One name for each beginning of a prompt.
    static func blocks(of prompt: [UInt8]) -> [UInt64] {
        var chain: UInt64 = 0xCBF2_9CE4_8422_2325
        return prompt.withUnsafeBytes { bytes in
            (0..<bytes.count / blockBytes).map { block in
                for word in 0..<blockBytes / 8 {
                    let value = bytes.loadUnaligned(fromByteOffset: block * blockBytes + word * 8, as: UInt64.self)
                    chain = (chain ^ value) &* 0x100_0000_01B3
                    chain ^= chain >> 29
                }
                return chain
            }
        }
    }

    /// Gives how many of the blocks from the start were kept.
    mutating func read(_ blocks: [UInt64]) -> Int {
        let kept = blocks.prefix { lastUse[$0] != nil }.count
        // The end of a prompt is the first to go.
        for block in blocks.reversed() {
            uses += 1
            lastUse[block] = uses
            order.append((block, uses))
        }
        while lastUse.count > keptBlocks, oldest < order.count {
            let (block, use) = order[oldest]
            oldest += 1
            if lastUse[block] == use { lastUse[block] = nil }
        }
        if oldest > 1 << 20 {
            order.removeFirst(oldest)
            oldest = 0
        }
        return kept
    }
}

/// The tree of texts of other routers, on blocks instead of characters.
struct TextTree {
    private var owners: [UInt64: Int] = [:]
    private var sizes: [Int]

    init(replicas: Int) { sizes = Array(repeating: 0, count: replicas) }

    mutating func choose(_ blocks: [UInt64], loads: [Int]) -> Int {
        let (most, least) = (loads.max() ?? 0, loads.min() ?? 0)
        var chosen: Int
        if most - least > 64, Double(most) > 1.5 * Double(least) {
            chosen = loads.firstIndex(of: least) ?? 0
        } else {
            let known = blocks.prefix { owners[$0] != nil }
            if Double(known.count) > 0.5 * Double(blocks.count), let last = known.last, let owner = owners[last] {
                chosen = owner
            } else {
                chosen = sizes.indices.min { sizes[$0] < sizes[$1] } ?? 0
            }
        }
        for block in blocks where owners[block] != chosen {
            owners[block] = chosen
            sizes[chosen] += 1
        }
        return chosen
    }
}

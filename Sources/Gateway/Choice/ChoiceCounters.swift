import Fleet

/// What one loop has counted of its choices of replicas.
struct ChoiceCounters: Sendable, Equatable {
    /// By the place of the policy among all.
    var decisions = [UInt64](repeating: 0, count: RoutingPolicy.allCases.count)
    /// Decisions of the prefix policy for a replica that had read half of the prompt or more.
    var prefixHits: UInt64 = 0
    /// Whole blocks of the prompts that the prefix policy decided on, and those that the chosen replica had read.
    var promptBlocks: UInt64 = 0
    var promptBlocksKnown: UInt64 = 0
    /// Decisions of the session policy, and those whose request named no session.
    var sessionless: UInt64 = 0
    var ejections: UInt64 = 0
    var readmissions: UInt64 = 0
    /// Replicas that get no requests now: every loop sees the same ones.
    var ejectedNow: UInt64 = 0

    mutating func add(_ other: ChoiceCounters) {
        for index in decisions.indices { decisions[index] += other.decisions[index] }
        prefixHits += other.prefixHits
        promptBlocks += other.promptBlocks
        promptBlocksKnown += other.promptBlocksKnown
        sessionless += other.sessionless
        ejections += other.ejections
        readmissions += other.readmissions
        ejectedNow = max(ejectedNow, other.ejectedNow)
    }

    mutating func count(_ policy: RoutingPolicy) { decisions[Self.place(policy)] += 1 }

    static func place(_ policy: RoutingPolicy) -> Int {
        switch policy {
        case .leastInflight: 0
        case .roundRobin: 1
        case .prefix: 2
        case .session: 3
        }
    }
}

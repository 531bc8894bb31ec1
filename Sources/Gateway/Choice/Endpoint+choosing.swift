import Fleet
import InferenceKeyWire

/// What a request says that a choice of its replica may go by.
struct ChoiceWish {
    var policy: RoutingPolicy
    /// The session it belongs to, if it says so.
    var session: UInt64?
    /// The part of its body that an engine reads as the prompt.
    var prompt = UnsafeRawBufferPointer(start: nil, count: 0)
}

extension Endpoint {
    enum Choice {
        /// The request has been counted in at this replica.
        case replica(Replica, isProbe: Bool)
        /// Every replica has as many open requests as it may.
        case full
        /// There is no replica, or all have been tried.
        case none
    }

    /// Whether a replica is left that was not tried.
    func hasReplica(besides tried: [Replica]) -> Bool {
        takers.contains { taker in !tried.contains { $0 === taker } }
    }

    /// Whether another replica than this one takes requests.
    func othersServe(besides replica: Replica, at now: Int64) -> Bool {
        takers.contains { $0 !== replica && $0.standing.health.standing(at: now) == .serves }
    }

    /// Chooses by the wish's policy among the healthy replicas that have room; where none is healthy, among all. One
    /// whose ejection is over gets one request before it is one of them again.
    ///
    /// - Parameter isLimited: whether ``EndpointLimits/replicaConcurrency`` holds; a second try may pass it.
    func choose(
        _ wish: ChoiceWish, tried: [Replica], isLimited: Bool = true, at now: Int64, _ rules: HealthRules,
        _ scratch: ChoiceScratch, _ counters: inout ChoiceCounters
    ) -> Choice {
        let limit = isLimited ? limits.replicaConcurrency : nil
        if takers.count == 1, tried.isEmpty {
            let only = takers[0]
            guard enter(only, limit) else { return .full }
            counters.count(wish.policy)
            return .replica(only, isProbe: false)
        }
        var (healthy, all): (UInt64, UInt64) = (0, 0)
        for (index, replica) in takers.enumerated() where !tried.contains(where: { $0 === replica }) {
            scratch.loads[index] = replica.load.count
            switch replica.standing.health.standing(at: now) {
            case .serves: healthy |= 1 << UInt64(index)
            case .ejected: break
            case .due: if let probe = probe(replica, limit, at: now, rules) { return probe }
            }
            all |= 1 << UInt64(index)
        }
        guard all != 0 else { return .none }
        var field = ReplicaField(
            loads: UnsafeBufferPointer(rebasing: scratch.loads[..<takers.count]), usable: healthy == 0 ? all : healthy)
        if let limit { leaveOutFull(&field, limit) }
        guard field.usable != 0 else { return .full }
        return pick(wish, &field, limit, at: now, scratch, &counters)
    }

    private func pick(
        _ wish: ChoiceWish, _ field: inout ReplicaField, _ limit: Int?, at now: Int64, _ scratch: ChoiceScratch,
        _ counters: inout ChoiceCounters
    ) -> Choice {
        let turn = nextTurn(below: takers.count)
        let age = PrefixIndex.age(ofMilliseconds: now)
        var policy = wish.policy
        var blocks = 0
        if policy == .prefix, let index = standing.prefixes {
            describePlaces(scratch)
            blocks = scratch.study(wish.prompt, index, count: takers.count, age: age)
        }
        if policy == .prefix, blocks == 0 { policy = .leastInflight }
        if policy == .session, wish.session == nil { policy = .leastInflight }
        if policy == .session {
            for (index, taker) in takers.enumerated() { scratch.identities[index] = taker.identity }
        }
        while field.usable != 0 {
            let index =
                switch policy {
                case .leastInflight: field.leastInflight(from: turn)
                case .roundRobin: field.next(from: turn)
                case .prefix: scratch.reader(field, blocks: blocks)
                case .session:
                    field.home(of: wish.session ?? 0, identities: UnsafeBufferPointer(scratch.identities))
                }
            guard enter(takers[index], limit) else {
                field.usable &= ~(1 << UInt64(index))
                continue
            }
            counters.count(wish.policy)
            if wish.policy == .session, wish.session == nil { counters.sessionless += 1 }
            if policy == .prefix { noteReader(index, blocks, age: age, scratch, &counters) }
            return .replica(takers[index], isProbe: false)
        }
        return .full
    }

    /// The policy had no say where a request that waited goes: it learns that `replica` reads its prompt.
    func noteReader(
        _ replica: Replica, of prompt: UnsafeRawBufferPointer, at now: Int64, _ scratch: ChoiceScratch,
        _ counters: inout ChoiceCounters
    ) {
        guard let index = takers.firstIndex(where: { $0 === replica }), let prefixes = standing.prefixes else { return }
        let age = PrefixIndex.age(ofMilliseconds: now)
        describePlaces(scratch)
        let blocks = scratch.study(prompt, prefixes, count: takers.count, age: age)
        if blocks > 0 { noteReader(index, blocks, age: age, scratch, &counters) }
    }

    private func describePlaces(_ scratch: ChoiceScratch) {
        for (index, taker) in takers.enumerated() {
            scratch.places[index] = taker.standing.place ?? ChoiceScratch.noPlace
            scratch.chosen[index] = taker.standing.choices
            scratch.placed[index] = taker.standing.placedBlocks
        }
    }

    private func noteReader(
        _ index: Int, _ blocks: Int, age: UInt64, _ scratch: ChoiceScratch, _ counters: inout ChoiceCounters
    ) {
        guard let prefixes = standing.prefixes else { return }
        let known = scratch.depths[index]
        counters.promptBlocks += UInt64(blocks)
        counters.promptBlocksKnown += UInt64(known)
        if known * 2 >= blocks { counters.prefixHits += 1 }
        takers[index].standing.choose(unknownBlocks: blocks - known)
        scratch.note(index, prefixes, blocks: blocks, age: age)
    }

    private func leaveOutFull(_ field: inout ReplicaField, _ limit: Int) {
        for index in field.loads.indices where field.isUsable(index) && field.loads[index] >= limit {
            field.usable &= ~(1 << UInt64(index))
        }
    }

    private func probe(_ replica: Replica, _ limit: Int?, at now: Int64, _ rules: HealthRules) -> Choice? {
        guard replica.standing.health.beginProbe(at: now, rules) else { return nil }
        if enter(replica, limit) { return .replica(replica, isProbe: true) }
        replica.standing.health.endProbe(at: now)
        return nil
    }

    private func enter(_ replica: Replica, _ limit: Int?) -> Bool {
        guard let limit else {
            replica.load.enter()
            return true
        }
        return replica.load.enter(limit: limit)
    }
}

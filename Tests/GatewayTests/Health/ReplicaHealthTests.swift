import Testing

@testable import Gateway

@Suite("the health of a replica")
struct ReplicaHealthTests {
    let rules = HealthRules()

    private func failed(
        _ health: inout ReplicaHealth, _ cause: ReplicaHealth.Cause = .failures, isProbe: Bool = false,
        othersServe: Bool = true, at now: Int64
    ) -> ReplicaHealth.Change? {
        health.failed(cause, isProbe: isProbe, othersServe: othersServe, at: now, rules)
    }

    /// A replica that was just ejected for a second, at 0.
    private func ejected() -> ReplicaHealth {
        var health = ReplicaHealth()
        _ = failed(&health, .unreachable, at: 0)
        return health
    }

    @Test("three failures in a row eject it for a second")
    func failures() {
        var health = ReplicaHealth()
        #expect(failed(&health, at: 10) == nil)
        #expect(failed(&health, at: 20) == nil)
        #expect(failed(&health, at: 30) == .ejected(milliseconds: 1000, .failures))
        #expect(health.stage == .ejected(until: 1030))
    }

    @Test("an answer between failures forgets them")
    func interrupted() {
        var health = ReplicaHealth()
        _ = failed(&health, at: 10)
        _ = failed(&health, at: 20)
        #expect(health.succeeded(isProbe: false, at: 25) == nil)
        #expect(failed(&health, at: 30) == nil)
        #expect(health.stage == .serving(failures: 1))
    }

    @Test("a connection that cannot be opened is enough by itself")
    func unreachable() {
        var health = ReplicaHealth()
        #expect(failed(&health, .unreachable, at: 5) == .ejected(milliseconds: 1000, .unreachable))
    }

    @Test("the last one that serves is never ejected, and is as soon as another one serves and it fails again")
    func last() {
        var health = ReplicaHealth()
        for now in 0..<20 { #expect(failed(&health, .unreachable, othersServe: false, at: Int64(now)) == nil) }
        #expect(health.isOutlier(othersServe: false, at: 30, rules) == nil)
        #expect(failed(&health, at: 40) == .ejected(milliseconds: 1000, .failures))
    }

    @Test("one request looks when the time is over, and no second one beside it")
    func halfOpen() {
        var health = ejected()
        #expect(health.beginProbe(at: 999, rules) == false)
        #expect(health.beginProbe(at: 1000, rules) == true)
        #expect(health.beginProbe(at: 1001, rules) == false)
        #expect(health.succeeded(isProbe: true, at: 1100) == .readmitted)
        #expect(health.stage == .serving(failures: 0))
    }

    @Test("a look that fails ejects it for twice as long, up to a minute")
    func growing() {
        var health = ejected()
        var now: Int64 = 0
        var times: [Int64] = []
        for _ in 0..<8 {
            guard case .ejected(let until) = health.stage else { break }
            now = until
            #expect(health.beginProbe(at: now, rules) == true)
            if case .ejected(let time, .probe) = failed(&health, isProbe: true, at: now) { times.append(time) }
        }
        #expect(times == [2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
    }

    @Test("requests from before the ejection say nothing, while it is ejected and while one looks")
    func stragglers() {
        var health = ejected()
        #expect(failed(&health, .unreachable, at: 10) == nil)
        #expect(health.succeeded(isProbe: false, at: 20) == nil)
        #expect(health.stage == .ejected(until: 1000))
        #expect(health.beginProbe(at: 1000, rules) == true)
        #expect(health.succeeded(isProbe: false, at: 1010) == nil)
        #expect(failed(&health, at: 1020) == nil)
        #expect(health.stage == .probing(until: 11_000))
    }

    @Test("a look that takes long lets another one look")
    func longLook() {
        var health = ejected()
        #expect(health.beginProbe(at: 1000, rules) == true)
        #expect(health.beginProbe(at: 10_999, rules) == false)
        #expect(health.beginProbe(at: 11_000, rules) == true)
        #expect(health.succeeded(isProbe: true, at: 11_100) == .readmitted)
    }

    @Test("a look that ends without a verdict leaves it to the next request")
    func undecided() {
        var health = ejected()
        #expect(health.beginProbe(at: 1000, rules) == true)
        health.endProbe(at: 1500)
        #expect(health.beginProbe(at: 1500, rules) == true)
    }

    @Test("ejected again soon, it stays away for longer; after long service as for the first time")
    func forgets() {
        var health = ejected()
        _ = health.beginProbe(at: 1000, rules)
        _ = health.succeeded(isProbe: true, at: 1000)
        #expect(failed(&health, .unreachable, at: 50_000) == .ejected(milliseconds: 2000, .unreachable))
        _ = health.beginProbe(at: 52_000, rules)
        _ = health.succeeded(isProbe: true, at: 52_000)
        #expect(failed(&health, .unreachable, at: 172_000) == .ejected(milliseconds: 1000, .unreachable))
    }

    @Test("many loops find one request that looks")
    func gate() async {
        let gate = HealthGate()
        _ = gate.failed(.unreachable, isProbe: false, othersServe: true, at: 0, rules)
        #expect(gate.standing(at: 999) == .ejected)
        #expect(gate.standing(at: 1000) == .due)
        let probes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 { group.addTask { gate.beginProbe(at: 1000, rules) } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(probes == 1)
        #expect(gate.standing(at: 5000) == .ejected)
        #expect(gate.succeeded(isProbe: true, at: 5000) == .readmitted)
        #expect(gate.standing(at: 5000) == .serves)
    }
}

import Fleet
import InferenceKeyWire
import Logging
import Synchronization

@testable import Gateway

/// A folder with a ledger that is started and crashes, a Manager that counts like the real one, and an account of what
/// should have been counted.
final class LedgerHouse {
    let folder: String
    /// What the Manager has counted.
    private(set) var records: [UsageRecord] = []
    private(set) var expected = Sum()
    private var highest: [String: Int] = [:]
    fileprivate var milliseconds: Int64 = 1_793_520_000_000

    /// Everything added up; time is not looked at.
    struct Sum: Equatable {
        var requests = 0
        var failedRequests = 0
        var tokensOut = 0
        var estimatedTokens = 0
    }

    init(_ folder: String) { self.folder = folder }

    var counted: Sum {
        records.reduce(into: Sum()) { sum, record in
            sum.requests += record.requests
            sum.failedRequests += record.failedRequests
            sum.tokensOut += record.tokensOut
            if record.isEstimated { sum.estimatedTokens += record.tokensOut }
        }
    }

    /// A process that another test starts may hold a copy of the lock for a moment, between its fork and its program.
    func start(boot: String = "boot") async throws -> LedgerRun {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let ledger = try await eventually("the folder is free") {
            try? UsageLedger(folder: "\(folder)/usage", boot: boot, logger: logger)
        }
        return LedgerRun(self, ledger)
    }

    /// The process is gone: what was open is expected to be counted as cut.
    func crash(_ run: LedgerRun) {
        for open in run.open { expect(tokens: open.noted, failed: true, isEstimated: true) }
        run.open = []
        run.end()
    }

    fileprivate func expect(tokens: Int, failed: Bool, isEstimated: Bool) {
        expected.requests += 1
        expected.failedRequests += failed ? 1 : 0
        expected.tokensOut += tokens
        expected.estimatedTokens += isEstimated ? tokens : 0
    }

    fileprivate func count(_ batch: UsageBatch) {
        guard batch.sequence > highest[batch.run] ?? 0 else { return }
        highest[batch.run] = batch.sequence
        records += batch.records
    }
}

/// One run of a Gateway, with two loops.
final class LedgerRun {
    struct Open {
        var booking: LaneUsage.Booking
        var lane: Int
        var noted = 0
    }

    private let house: LedgerHouse
    private var held: UsageLedger?
    private var lanes: [LaneUsage]
    fileprivate(set) var open: [Open] = []
    private var turn = 0

    init(_ house: LedgerHouse, _ ledger: UsageLedger) {
        self.house = house
        held = ledger
        lanes = (0..<2).map { LaneUsage(lane: $0, book: ledger.makeBook(lane: $0)) }
    }

    var ledger: UsageLedger {
        guard let held else { preconditionFailure("this run has ended") }
        return held
    }

    private var now: Timestamp { Timestamp(milliseconds: house.milliseconds) }

    func end() {
        lanes = []
        held?.close()
        held = nil
    }

    func passDay() { house.milliseconds += 86_400_000 }

    func open(_ key: String) -> Open {
        turn += 1
        let lane = turn % lanes.count
        return Open(booking: lanes[lane].open(key: .named(key), endpoint: .test, at: now), lane: lane)
    }

    func note(_ tokens: Int, _ open: Open) { lanes[open.lane].note(tokens, of: open.booking) }

    func settle(_ open: Open, tokens: Int, isEstimated: Bool = false) {
        house.milliseconds += 3
        lanes[open.lane].settle(
            open.booking, figures: UsageFigures(tokensOut: tokens, isEstimated: isEstimated), failed: false,
            milliseconds: 3, at: now)
        house.expect(tokens: tokens, failed: false, isEstimated: isEstimated)
    }

    func begin(_ key: String) { open.append(open(key)) }

    func noteOne(_ index: Int, _ tokens: Int) {
        guard !open.isEmpty else { return }
        open[index % open.count].noted = tokens
        note(tokens, open[index % open.count])
    }

    func endOne(_ index: Int, tokens: Int, isEstimated: Bool) {
        guard !open.isEmpty else { return }
        settle(open.remove(at: index % open.count), tokens: tokens, isEstimated: isEstimated)
    }

    /// Once a second.
    func tick() async throws {
        var delta = LaneDelta()
        for index in lanes.indices { delta.add(lanes[index].collect(at: now)) }
        try await ledger.add(delta)
    }

    func offer(to house: LedgerHouse, isAnswered: Bool) {
        if let batch = ledger.offer() { house.count(batch) }
    }

    func deliverOne(to house: LedgerHouse) async throws {
        guard let batch = ledger.offer() else { return }
        house.count(batch)
        try await ledger.taken(batch)
    }

    @discardableResult
    func deliverAll(to house: LedgerHouse) async throws -> Int {
        try await tick()
        var reports = 0
        while let batch = ledger.offer() {
            house.count(batch)
            try await ledger.taken(batch)
            reports += 1
        }
        return reports
    }
}

extension KeyEntry {
    /// A key of that id, numbered by it.
    fileprivate static func named(_ id: String) -> KeyEntry {
        let number = id.utf8.reduce(UInt32(5381)) { $0 &* 33 &+ UInt32($1) }
        let hash = SecretHash(of: Credential(kind: .data, id: "00000000", secret: ""))
        let key = DataKey(
            id: id, hash: hash, tenantID: ID("tn_1"), projectID: ID("pr_1"), grants: [.allWorkloads],
            limits: KeyLimits(), expiresAt: nil)
        return KeyEntry(key, number: number, tenant: 0, projectSlug: "acme", meter: nil)
    }
}

extension Endpoint {
    fileprivate static var test: Endpoint {
        Endpoint(
            EndpointRoute(
                tenantID: ID("tn_1"), projectID: ID("pr_1"), projectSlug: "acme", workloadSlug: "chat",
                taskType: .text2text, modelName: "m", statusReason: nil, retryAfterMilliseconds: nil, upstreams: []),
            serial: 1)
    }
}

/// Numbers that a seed decides (SplitMix64).
struct Dice {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func roll(_ sides: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(sides))
    }
}

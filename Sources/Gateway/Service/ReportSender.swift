import Fleet
import InferenceKeyWire
import Logging
import Transport

/// Tells the Manager once a second, and when a drain moves on, what was used and which tables are served by.
///
/// What was used goes through the ``UsageLedger``: a batch that was not answered is offered again under its number, so
/// that it counts once; what is used meanwhile waits behind it.
actor ReportSender {
    /// Reports sent in one go, when batches have piled up.
    private static let maxReports = 64

    private let link: GatewayConfiguration.ManagerLink
    private let http: HTTPClient
    private let lanes: Lanes
    private let keeper: TablesKeeper
    private let ledger: UsageLedger
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private var lastUsed: [String: Timestamp] = [:]
    private var isFailing = false
    private var isDiskFailing = false

    init(
        link: GatewayConfiguration.ManagerLink, http: HTTPClient, lanes: Lanes, keeper: TablesKeeper,
        ledger: UsageLedger, logger: Logger, now: @escaping @Sendable () -> Timestamp
    ) {
        self.link = link
        self.http = http
        self.lanes = lanes
        self.keeper = keeper
        self.ledger = ledger
        self.logger = logger
        self.now = now
    }

    /// Sends what there is, in one report or several. Failure is not the caller's affair: the next call tries again.
    func send() async {
        await collect()
        do {
            var count = 0
            repeat {
                let batch = ledger.offer()
                try await post(report(batch), telling: takeLastUsed())
                if let batch { await take(batch) }
                count += 1
            } while ledger.hasBatches && count < Self.maxReports
            if isFailing { logger.info("reports are taken again") }
            isFailing = false
        } catch {
            // Said once, not once a second.
            if !isFailing { logger.warning("a report could not be sent; it is kept", metadata: ["error": "\(error)"]) }
            isFailing = true
        }
    }

    /// Takes what was used from the loops into the ledger: once a second, also while a report waits for its answer.
    func collect() async {
        do {
            let delta = try await lanes.collectUsage(at: now())
            note(delta.lastUsed)
            try await ledger.add(delta)
            isDiskFailing = false
        } catch {
            tellOfDisk(error)
        }
    }

    private func take(_ batch: UsageBatch) async {
        do {
            try await ledger.taken(batch)
        } catch {
            tellOfDisk(error)
        }
    }

    private func tellOfDisk(_ error: any Error) {
        if !isDiskFailing { logger.error("usage could not be put on the disk", metadata: ["error": "\(error)"]) }
        isDiskFailing = true
    }

    private func report(_ batch: UsageBatch?) -> GatewayReport {
        let standing = keeper.standing
        return GatewayReport(
            gatewayID: ledger.run, usageRun: batch.flatMap { $0.run == ledger.run ? nil : $0.run },
            sequence: batch?.sequence ?? 0, tableVersion: standing.version, draining: standing.draining,
            usage: batch?.records ?? [], lastUsed: [:])
    }

    private func note(_ uses: [String: Timestamp]) {
        for (key, time) in uses { lastUsed[key] = max(time, lastUsed[key] ?? time) }
    }

    /// What is noted while a report waits for its answer is for the next one.
    private func takeLastUsed() -> [String: Timestamp] {
        defer { lastUsed = [:] }
        return lastUsed
    }

    private func post(_ report: GatewayReport, telling uses: [String: Timestamp]) async throws {
        var report = report
        report.lastUsed = uses
        do { try await post(report) } catch {
            note(uses)
            throw error
        }
    }

    private func post(_ report: GatewayReport) async throws {
        let request = HTTPRequest(
            "POST", link.base, "/api/gateway/report",
            headers: [
                HTTPField("authorization", "Bearer \(link.credential.revealed)"),
                HTTPField("content-type", "application/json"),
            ], body: report.json.bytes)
        let timeouts = HTTPTimeouts(connect: .seconds(2), total: .seconds(5), idle: .seconds(5))
        let answer = try await http.send(request, timeouts: timeouts, maxBytes: 64 << 10)
        guard answer.head.isSuccess else { throw FeedFailure.refused(status: answer.head.status) }
    }
}

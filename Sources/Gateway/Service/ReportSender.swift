import Fleet
import InferenceKeyWire
import Logging
import Transport

/// Tells the Manager once a second, and when a drain moves on, what was used and which tables are served by.
///
/// A report that was not answered is sent again under its number with the same usage, so that it counts once; what is
/// used meanwhile waits for the next one.
actor ReportSender {
    private let link: GatewayConfiguration.ManagerLink
    private let http: HTTPClient
    private let lanes: Lanes
    private let keeper: TablesKeeper
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let gatewayID: String
    private var sequence = 0
    private var unanswered: UsageBatch?
    private var waiting = UsageBatch()
    private var isFailing = false

    init(
        link: GatewayConfiguration.ManagerLink, http: HTTPClient, lanes: Lanes, keeper: TablesKeeper, logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.link = link
        self.http = http
        self.lanes = lanes
        self.keeper = keeper
        self.logger = logger
        self.now = now
        gatewayID = "gw_\(IDSource.system.ulid())"
    }

    /// Sends one report. Failure is not the caller's affair: the next one tries again.
    func send() async {
        do {
            let used = try await lanes.collectUsage(at: now())
            waiting.add(used)
            let batch = nextBatch()
            let standing = keeper.standing
            let report = GatewayReport(
                gatewayID: gatewayID, sequence: sequence, tableVersion: standing.version, draining: standing.draining,
                usage: batch.records, lastUsed: batch.lastUsed)
            try await post(report)
            unanswered = nil
            if isFailing { logger.info("reports are taken again") }
            isFailing = false
        } catch {
            // Said once, not once a second.
            if !isFailing { logger.warning("a report could not be sent; it is kept", metadata: ["error": "\(error)"]) }
            isFailing = true
        }
    }

    private func nextBatch() -> UsageBatch {
        if let unanswered { return unanswered }
        sequence += 1
        let batch = waiting
        waiting = UsageBatch()
        unanswered = batch
        return batch
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

package import Fleet

/// The journal of the fleet: what it has committed survives the process and the power.
///
/// What every implementation promises, and one black-box suite checks:
/// - ``commit(_:)`` is all or nothing, durable before it returns, and not cut short when the calling task is cancelled;
/// - a full disk is `storage_full`: nothing of the transaction remains, the process lives, and a later one succeeds;
/// - there is one writer at a time, and the callers of ``commit(_:)`` keep the order.
package protocol FleetStore: Sendable {
    /// The state as of the last commit.
    func load() async throws -> FleetState

    /// Everything in one durable transaction.
    func commit(_ transactions: [[FleetChange]]) async throws

    /// The history of a workload, oldest first; it goes with the workload.
    func revisions(of workload: WorkloadID) async throws -> [RevisionRecord]

    /// The audit log, newest first; after an entry come the older ones.
    func audit(after id: String?, limit: Int) async throws -> [AuditEntry]

    /// Forgets what is older than anybody may ask for: the oldest entries of the audit log.
    func prune() async throws

    /// Adds a Gateway's report once: false when a report of this or a later sequence was counted before.
    func addUsage(_ records: [UsageRecord], of report: UsageReport) async throws -> Bool

    /// What was used, per day, workload and key, in that order.
    func usage(_ filter: UsageFilter) async throws -> [UsageRecord]
}

/// Names one report of the usage of one run of a Gateway, whose sequence grows.
package struct UsageReport: Sendable, Hashable {
    package var run: String
    package var sequence: Int

    package init(run: String, sequence: Int) {
        self.run = run
        self.sequence = sequence
    }
}

/// Which usage is asked for; nil is any.
package struct UsageFilter: Sendable, Hashable {
    package var projectID: ProjectID?
    package var workloadSlug: String?
    package var keyID: String?
    /// First and last day (UTC), such as `2026-11-24`, both included.
    package var fromDay: String?
    package var toDay: String?

    package init(
        projectID: ProjectID? = nil, workloadSlug: String? = nil, keyID: String? = nil, fromDay: String? = nil,
        toDay: String? = nil
    ) {
        self.projectID = projectID
        self.workloadSlug = workloadSlug
        self.keyID = keyID
        self.fromDay = fromDay
        self.toDay = toDay
    }

    package func matches(_ record: UsageRecord) -> Bool {
        (projectID.map { $0 == record.projectID } ?? true) && (workloadSlug.map { $0 == record.workloadSlug } ?? true)
            && (keyID.map { $0 == record.keyID } ?? true) && (fromDay.map { $0 <= record.day } ?? true)
            && (toDay.map { record.day <= $0 } ?? true)
    }
}

package import Fleet
package import Manager

/// The in-memory twin of a store: keeps what the port promises, forgets everything with the process.
package actor MemoryStore: FleetStore {
    private var state = FleetState()
    private var revisions: [RevisionRecord] = []
    private var entries: [AuditEntry] = []
    private var used: [UsageRecord] = []
    private var reports: [String: Int] = [:]
    private var failure: (any Error)?
    private var isHeld = false
    private var held: [CheckedContinuation<Void, Never>] = []

    /// How many decisions each commit held.
    package private(set) var commits: [Int] = []
    /// How often it was pruned.
    package private(set) var prunes = 0

    package init() {}

    package func load() -> FleetState { state }

    package func commit(_ transactions: [[FleetChange]]) async throws {
        if isHeld { await withCheckedContinuation { held.append($0) } }
        if let failure {
            self.failure = nil
            throw failure
        }
        commits.append(transactions.count)
        for change in transactions.joined() { apply(change) }
    }

    package func revisions(of workload: WorkloadID) -> [RevisionRecord] {
        revisions.filter { $0.workloadID == workload }.sorted { $0.revision < $1.revision }
    }

    package func audit(after id: String?, limit: Int) -> [AuditEntry] {
        let newestFirst = entries.reversed()
        guard let id else { return Array(newestFirst.prefix(limit)) }
        return Array(newestFirst.drop { $0.id != id }.dropFirst().prefix(limit))
    }

    package func prune() { prunes += 1 }

    package func addUsage(_ records: [UsageRecord], of report: UsageReport) -> Bool {
        if let last = reports[report.run], report.sequence <= last { return false }
        reports[report.run] = report.sequence
        for record in records { add(record) }
        return true
    }

    package func usage(_ filter: UsageFilter) -> [UsageRecord] {
        used.filter(filter.matches).sorted {
            ($0.day, $0.projectID.text, $0.workloadSlug, $0.keyID, $0.isEstimated ? 1 : 0)
                < ($1.day, $1.projectID.text, $1.workloadSlug, $1.keyID, $1.isEstimated ? 1 : 0)
        }
    }

    private func apply(_ change: FleetChange) {
        state.apply(change)
        switch change {
        case .addRevision(let revision): revisions.append(revision)
        case .addAudit(let entry): entries.append(entry)
        case .removeWorkload(let id): revisions.removeAll { $0.workloadID == id }
        default: break
        }
    }

    private func add(_ record: UsageRecord) {
        let place = used.firstIndex {
            $0.day == record.day && $0.projectID == record.projectID && $0.workloadSlug == record.workloadSlug
                && $0.keyID == record.keyID && $0.isEstimated == record.isEstimated
        }
        guard let place else { return used.append(record) }
        used[place].add(record)
    }
}

extension MemoryStore {
    /// The next commit throws this and changes nothing.
    package func failNextCommit(with error: any Error) { failure = error }

    /// Commits wait until ``release()``.
    package func hold() { isHeld = true }

    package func release() {
        isHeld = false
        for continuation in held { continuation.resume() }
        held = []
    }

    /// Whether a commit waits.
    package var isWaiting: Bool { !held.isEmpty }
}

import Fleet
import InferenceKeyWire

/// What each key used of each endpoint on one loop since it was last collected.
struct LaneUsage {
    /// One key's use of one endpoint.
    private final class Cell {
        let keyID: String
        let projectID: ProjectID
        let workloadSlug: String
        var requests = 0
        var failedRequests = 0
        var tokensIn = 0
        var tokensOut = 0
        var milliseconds: Int64 = 0
        var lastUsed: Timestamp
        var idleCollections = 0

        init(key: KeyEntry, endpoint: Endpoint, at time: Timestamp) {
            keyID = key.id
            projectID = endpoint.projectID
            workloadSlug = endpoint.slug
            lastUsed = time
        }
    }

    /// A cell that was empty at that many collections in a row is dropped.
    static let maxIdleCollections = 600

    private var cells: [UInt64: Cell] = [:]

    mutating func settle(
        key: KeyEntry, endpoint: Endpoint, figures: UsageFigures, failed: Bool, milliseconds: Int64, at time: Timestamp
    ) {
        let name = UInt64(endpoint.serial) << 32 | UInt64(key.number)
        let cell =
            cells[name]
            ?? {
                let fresh = Cell(key: key, endpoint: endpoint, at: time)
                cells[name] = fresh
                return fresh
            }()
        cell.requests += 1
        if failed { cell.failedRequests += 1 }
        cell.tokensIn += figures.tokensIn
        cell.tokensOut += figures.tokensOut
        cell.milliseconds += milliseconds
        cell.lastUsed = time
    }

    /// Gives what was used since the last time, as records of the day of `time`, and starts again from nothing.
    mutating func collect(at time: Timestamp) -> UsageBatch {
        let day = String(time.description.prefix(10))
        var batch = UsageBatch()
        for (name, cell) in cells {
            guard cell.requests > 0 else {
                cell.idleCollections += 1
                if cell.idleCollections > Self.maxIdleCollections { cells[name] = nil }
                continue
            }
            batch.add(
                UsageRecord(
                    day: day, projectID: cell.projectID, workloadSlug: cell.workloadSlug, keyID: cell.keyID,
                    requests: cell.requests, failedRequests: cell.failedRequests, tokensIn: cell.tokensIn,
                    tokensOut: cell.tokensOut, milliseconds: cell.milliseconds))
            batch.use(cell.keyID, at: cell.lastUsed)
            cell.requests = 0
            cell.failedRequests = 0
            cell.tokensIn = 0
            cell.tokensOut = 0
            cell.milliseconds = 0
            cell.idleCollections = 0
        }
        return batch
    }
}

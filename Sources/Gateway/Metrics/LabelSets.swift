import Synchronization

/// Decides for all loops together which workloads get series of their own, so that `/metrics` stays bounded.
final class LabelSets: Sendable {
    /// Workloads with series of their own; those beyond share one, `other`.
    static let limit = 500

    private let limit: Int
    /// How many loops hold each.
    private let holders = Mutex<[SeriesName: Int]>([:])

    init(limit: Int = LabelSets.limit) { self.limit = limit }

    /// Whether a loop may keep series of that name. A name that was let in must be given back with ``release(_:)``.
    func admit(_ name: SeriesName) -> Bool {
        holders.withLock { holders in
            guard holders[name] != nil || holders.count < limit else { return false }
            holders[name, default: 0] += 1
            return true
        }
    }

    func release(_ name: SeriesName) {
        holders.withLock { holders in
            guard let count = holders[name] else { return }
            holders[name] = count > 1 ? count - 1 : nil
        }
    }
}

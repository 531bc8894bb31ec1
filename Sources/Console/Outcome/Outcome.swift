/// How a command ended, as its exit code. Published: codes are never renumbered.
package enum Outcome: Int32, Sendable, Hashable, CaseIterable {
    case ok = 0
    case failed = 1
    /// `ik plan --detailed-exitcode` found something to do.
    case planHasChanges = 2
    case notFound = 3
    case notAuthorised = 4
    case conflict = 5
    case notReadyInTime = 6
    case unreachable = 7
    case wrongUsage = 64
    case interrupted = 130
}

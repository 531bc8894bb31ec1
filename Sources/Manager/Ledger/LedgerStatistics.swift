/// How the ledger has done since the start of the process.
package struct LedgerStatistics: Sendable, Hashable {
    package private(set) var commits = 0
    package private(set) var decisions = 0
    package private(set) var commitTime: Duration = .zero

    mutating func count(decisions: Int, took: Duration) {
        commits += 1
        self.decisions += decisions
        commitTime += took
    }
}

import Glibc

/// One process, told from any later one with the same number by the time it started.
package struct EngineProcess: Sendable, Hashable {
    package var id: Int32
    package var startTicks: UInt64

    package init(id: Int32, startTicks: UInt64) {
        self.id = id
        self.startTicks = startTicks
    }

    /// Whether it runs: a process of that number that started at that time and has not ended.
    package var isRunning: Bool {
        guard let stat = ProcessTable.stat(of: id) else { return false }
        return stat.startTicks == startTicks && !stat.isGone
    }

    /// Sends the signal to it and its whole group, if it still runs.
    func signalGroup(_ signal: Int32) {
        guard isRunning else { return }
        kill(-id, signal)
    }
}

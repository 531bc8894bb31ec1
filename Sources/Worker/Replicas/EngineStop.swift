package import Fleet
import Glibc

/// Ends an engine and everything that belongs to it.
package struct EngineStop: Sendable {
    /// From SIGTERM to SIGKILL: no engine promises to end by itself within any time.
    package var grace: Duration
    package var clock: any Clock<Duration>

    /// So often an empty search is repeated because of processes that hide what they are.
    private static let maxDoubts = 20

    package init(grace: Duration, clock: any Clock<Duration>) {
        self.grace = grace
        self.clock = clock
    }

    /// Returns when nothing of the replica is left on the machine, or when the task is cancelled.
    package func stop(_ process: EngineProcess?, of replica: ReplicaID) async {
        if let process {
            process.signalGroup(SIGTERM)
            await waitForEnd(of: process, atMost: grace)
            process.signalGroup(SIGKILL)
            await ExitWatch.untilGone(process)
            _ = ProcessEnding(reaping: process.id)
        }
        await removeLeftovers(of: replica, session: process)
    }

    /// Kills what still carries the replica's marker or lives in its engine's session, until nothing does.
    package func removeLeftovers(of replica: ReplicaID, session: EngineProcess?) async {
        var pause = Duration.milliseconds(5)
        var doubts = 0
        while !Task.isCancelled {
            let (leftovers, isCertain) = ProcessTable.search(for: replica, session: session)
            if leftovers.isEmpty {
                if isCertain || doubts == Self.maxDoubts { return }
                doubts += 1
                try? await clock.sleep(for: .milliseconds(5))
                continue
            }
            for process in leftovers where process.isRunning { kill(process.id, SIGKILL) }
            try? await clock.sleep(for: pause)
            pause = min(pause * 2, .seconds(1))
        }
    }

    private func waitForEnd(of process: EngineProcess, atMost limit: Duration) async {
        await withTaskGroup { group in
            group.addTask { await ExitWatch.untilGone(process) }
            group.addTask { [clock] in try? await clock.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}

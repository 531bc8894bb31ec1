import Fleet

/// An engine of ours that was found running: what a new run of the agent may take over.
package struct RunningEngine: Sendable, Hashable {
    package var process: EngineProcess
    package var record: ProcessRecord
}

extension RunningEngine {
    /// The engine of `folder`'s replica, if it runs.
    ///
    /// - Parameter marked: running processes that carry the replica's marker.
    package init?(in folder: ReplicaFolder, marked: [ProcStat]) {
        guard var record = folder.record else { return nil }
        if let process = record.process, process.isRunning {
            self.init(process: process, record: record)
            return
        }
        // The agent died between starting it and writing it down: an engine leads its own session.
        let leader = marked.first { $0.processID == $0.session && $0.startTicks != record.process?.startTicks }
        guard record.process == nil, let leader else { return nil }
        let process = EngineProcess(id: leader.processID, startTicks: leader.startTicks)
        record.process = process
        self.init(process: process, record: record)
    }
}

import CSpawn
import Dispatch
import Glibc

/// Waits for the end of a process without a thread of its own.
enum ExitWatch {
    /// Returns when the process has ended, or when the task is cancelled.
    static func untilGone(_ process: EngineProcess) async {
        let descriptor = cspawn_pidfd_open(process.id)
        guard descriptor >= 0 else { return await pollUntilGone(process) }
        // Checked after the descriptor is ours: from here on the number cannot mean another process.
        guard process.isRunning else {
            close(descriptor)
            return
        }
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor)
        source.setEventHandler { end.finish() }
        source.setCancelHandler { close(descriptor) }
        source.activate()
        for await _ in ends {}
        source.cancel()
    }

    /// For a system that has no descriptor left to give.
    private static func pollUntilGone(_ process: EngineProcess) async {
        while process.isRunning, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(200)) }
    }
}

import Files
package import Fleet
import Glibc
package import InferenceKeyWire

/// Installs engine versions, one at a time per folder: whoever comes second waits and finds it done.
///
/// An installation runs as a process of the replica that asked for it: its output is in that replica's log, it ends
/// when that replica goes, and a later run of the agent finds what is left of it.
package actor InstallDesk {
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Timestamp
    private var busy: Set<String> = []

    package init(clock: any Clock<Duration>, now: @escaping @Sendable () -> Timestamp) {
        self.clock = clock
        self.now = now
    }

    /// The replica on whose behalf something is installed.
    package struct Customer: Sendable {
        package var replica: ReplicaID
        package var log: EngineLog
        package var variables: [String: String]
        package var report: @Sendable (StepProgress) async -> Void

        package init(
            replica: ReplicaID, log: EngineLog, variables: [String: String],
            report: @escaping @Sendable (StepProgress) async -> Void
        ) {
            self.replica = replica
            self.log = log
            self.variables = variables
            self.report = report
        }
    }

    package func install(_ install: EngineInstall, for customer: Customer) async throws(Failure) {
        while busy.contains(install.folder) {
            try? await clock.sleep(for: .milliseconds(200))
            if Task.isCancelled { return }
        }
        let mark = "\(install.folder)/\(EngineFinder.unfinishedMark)"
        if Folder.isFolder(install.folder), FileStatus(mark) == nil { return }
        busy.insert(install.folder)
        defer { busy.remove(install.folder) }
        // What a broken installation left cannot be trusted; what pip downloaded is in pip's own cache.
        Folder.remove(install.folder)
        do {
            try Folder.make(install.folder)
            try PrivateFile.write([], to: mark)
        } catch {
            throw Failure(storage: error)
        }
        do {
            for step in install.steps where !Task.isCancelled { try await run(step, of: install, for: customer) }
        } catch {
            Folder.remove(install.folder)
            throw error
        }
        if !Task.isCancelled { unlink(mark) }
    }

    private func run(
        _ step: EngineInstall.Step, of install: EngineInstall, for customer: Customer
    ) async throws(Failure) {
        let log = customer.log.openForEngine()
        customer.log.begin([step.program] + step.arguments, to: log)
        let order = ProcessOrder(
            program: step.program, arguments: step.arguments,
            variables: variables(of: customer).merging(step.variables) { $1 }, folder: install.folder, log: log)
        let process: EngineProcess
        do {
            process = try order.start()
            close(log)
        } catch {
            close(log)
            throw Failure(.engineMissing, "\(step.message): \(error.reason). \(install.advice)")
        }
        await follow(process, step, for: customer)
        if Task.isCancelled {
            end(process)
            return
        }
        let ending = ProcessEnding(reaping: process.id)
        guard ending != .exited(0) else { return }
        customer.log.finish(now: now())
        let lines = customer.log.tailOfRun(maxLines: ReplicaObservation.maxLogTailLines)
        let cause: FailureCause =
            lines.contains { $0.contains("No space left on device") } ? .storageFull : .engineMissing
        let last = lines.last { $0.contains("ERROR") || $0.contains("rror:") } ?? lines.last ?? "no output"
        throw Failure(cause, "\(step.message) failed: \(last). \(install.advice)", logTail: lines)
    }

    /// Waits for the step's end. pip shows no bar without a terminal: what it has written tells that it moves.
    private func follow(_ process: EngineProcess, _ step: EngineInstall.Step, for customer: Customer) async {
        await withTaskGroup { [clock] group in
            group.addTask { await ExitWatch.untilGone(process) }
            group.addTask {
                while !Task.isCancelled {
                    let bytes = ProcessTable.bytesWritten(by: process.id) ?? 0
                    let written = bytes < 1_000_000 ? "" : ", \(ByteCount(bytes)) written"
                    await customer.report(StepProgress(step: .installEngine, message: step.message + written))
                    try? await clock.sleep(for: .seconds(2))
                }
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// A clean environment as an engine's, with what pip needs to reach its index.
    private func variables(of customer: Customer) -> [String: String] {
        let launch = EngineLaunch(program: "", arguments: [], port: 0, portIsOurs: true, servedNames: [])
        var variables = EngineEnvironment.make(
            agent: customer.variables, operatorAdditions: [:], workload: [:], launch: launch, replica: customer.replica)
        let names = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "SSL_CERT_FILE"]
        for (name, value) in customer.variables where name.hasPrefix("PIP_") || names.contains(name) {
            variables[name] = value
        }
        return variables
    }

    /// Ends a step that is no longer wanted. A killed process is gone in no time; its status is taken here.
    private func end(_ process: EngineProcess) {
        process.signalGroup(SIGKILL)
        for _ in 0..<100 where ProcessEnding(reaping: process.id) == .unknown { usleep(1000) }
    }
}

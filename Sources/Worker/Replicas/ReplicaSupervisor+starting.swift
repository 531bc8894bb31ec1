import Files
import Fleet
import Glibc
import InferenceKeyWire
import Logging

extension ReplicaSupervisor {
    /// Finds out how the engine is started, and installs it when it must be.
    func prepare(under leash: Leash) async {
        do throws(Failure) {
            if hasStrays {
                await parts.stop.removeLeftovers(of: id, session: nil)
                hasStrays = false
            }
            let launch = try await prepared()
            guard !leash.isCut, !Task.isCancelled else { return }
            self.launch = launch
            send(.prepared)
        } catch {
            if !leash.isCut, !Task.isCancelled { send(.failed(error)) }
        }
    }

    private func prepared() async throws(Failure) -> EngineLaunch {
        guard let adapter else {
            throw Failure(.engineMissing, "this worker has no way to run the backend \(assignment.backend)")
        }
        do { try folder.make() } catch { throw Failure(storage: error) }
        guard let port = LoopbackPort.free() else {
            throw Failure(.portInUse, "this machine has no free port", anotherPortMayHelp: false)
        }
        let order = EngineOrder(replica: assignment, freePort: port)
        var plan = try adapter.plan(order, on: parts.machine())
        if case .install(let install) = plan {
            note(StepProgress(step: .installEngine, message: "installing \(install.name)"))
            try await parts.installs.install(install, for: self.installer)
            plan = try adapter.plan(order, on: parts.machine())
        }
        guard case .launch(let launch) = plan else {
            throw Failure(.engineMissing, "the engine was installed and is not there")
        }
        try check(launch)
        return launch
    }

    private var installer: InstallDesk.Customer {
        InstallDesk.Customer(
            replica: id, log: log, variables: parts.agentVariables.merging(parts.operatorVariables) { $1 },
            report: { [self] report in await note(report) })
    }

    /// What can be known before the engine is started, in place of a crash a minute later.
    private func check(_ launch: EngineLaunch) throws(Failure) {
        _ = try EngineEnvironment.workload(assignment.config)
        if !launch.portIsOurs, !LoopbackPort.isFree(launch.port) {
            throw Failure(
                .portInUse,
                "port \(launch.port), which the command names, is taken on this machine; leave --port out and a free "
                    + "one is chosen")
        }
        if assignment.deviceIDs.isEmpty, let weights = launch.weights, let free = parts.freeMemoryBytes(),
            weights.bytes > free
        {
            throw Failure(
                .noCapacity,
                "\(weights.path) needs \(ByteCount(weights.bytes)) of memory, and \(ByteCount(free)) are free on this "
                    + "machine")
        }
    }

    /// Starts the engine. The record is written before and after, so that no moment of a kill loses the process.
    func spawn() -> EngineProcess? {
        guard let launch else { return nil }
        do throws(Failure) {
            let engine = try started(launch)
            self.engine = engine
            note(StepProgress(step: .startEngine, message: "the engine's process runs"))
            parts.logger.info(
                "engine started",
                metadata: ["replica": "\(id)", "pid": "\(engine.process.id)", "port": "\(launch.port)"])
            send(.spawned)
            return engine.process
        } catch {
            send(.failed(error))
            return nil
        }
    }

    private func started(_ launch: EngineLaunch) throws(Failure) -> RunningEngine {
        let words = [launch.program] + launch.arguments
        var record = ProcessRecord(
            replicaID: id, revision: assignment.revision, port: launch.port, portIsOurs: launch.portIsOurs,
            servedNames: launch.servedNames, keyMark: ProcessRecord.mark(of: assignment.engineKey),
            restarts: life.restarts)
        let order = try self.order(launch)
        defer { close(order.log) }
        write(record)
        log.begin(words, to: order.log)
        do {
            record.process = try order.start()
        } catch {
            throw Failure(spawning: launch.program, error)
        }
        write(record)
        return RunningEngine(process: record.process ?? EngineProcess(id: 0, startTicks: 0), record: record)
    }

    private func order(_ launch: EngineLaunch) throws(Failure) -> ProcessOrder {
        ProcessOrder(
            program: launch.program, arguments: launch.arguments,
            variables: EngineEnvironment.make(
                agent: parts.agentVariables, operatorAdditions: parts.operatorVariables,
                workload: try EngineEnvironment.workload(assignment.config), launch: launch, replica: id),
            folder: folder.path, log: log.openForEngine())
    }

    /// A record that cannot be written (a full disk) costs the adoption, not the replica: its marker is still found.
    private func write(_ record: ProcessRecord) {
        do {
            try folder.write(record)
        } catch {
            parts.logger.error("process record not written", metadata: ["replica": "\(id)", "error": "\(error)"])
        }
    }
}

extension Failure {
    init(storage error: FileError) {
        self.init(error.isStorageFull ? .storageFull : .engineExited, "\(error); the worker's data folder needs it")
    }

    init(spawning program: String, _ error: ProcessOrder.SpawnError) {
        let isMissing = error.code == ENOENT || error.code == EACCES || error.code == ENOEXEC
        self.init(
            isMissing ? .engineMissing : .engineExited,
            "\(program) could not be started: \(error.reason)"
                + (error.code == ENOENT ? " (it or the interpreter that its first line names is gone)" : ""))
    }
}

import Fleet
import InferenceKeyWire
import Logging
import Transport

extension ReplicaSupervisor {
    /// Nil while there is no engine, or none that this agent can talk to.
    private var contact: EngineContact? {
        guard let engine, let base = BaseURL("http://127.0.0.1:\(engine.record.port)") else { return nil }
        return EngineContact(
            base: base, key: assignment.engineKey, modelName: assignment.modelName,
            servedNames: engine.record.servedNames, taskType: assignment.taskType, client: parts.client,
            clock: parts.clock)
    }

    func awaitReady(under leash: Leash) async {
        guard let adapter, let contact else { return }
        do throws(Failure) {
            try await adapter.waitUntilReady(contact) { report in
                await self.note(report)
            }
            guard !leash.isCut, !Task.isCancelled else { return }
            parts.logger.info("replica is ready", metadata: ["replica": "\(id)"])
            send(.becameReady)
        } catch {
            if !leash.isCut, !Task.isCancelled { send(.failed(error)) }
        }
    }

    func watchHealth(under leash: Leash) async {
        guard let adapter, let contact else { return }
        var pulse = EnginePulse(limits: parts.health)
        var last = parts.uptime()
        var round = 0
        while !leash.isCut, !Task.isCancelled {
            try? await parts.clock.sleep(for: parts.health.interval)
            let isHealthy = await adapter.isHealthy(contact)
            // Metrics are long texts: they are read when they may decide, and now and then.
            round += 1
            let activity = !isHealthy || round % 3 == 0 ? await adapter.activity(contact) : nil
            if leash.isCut || Task.isCancelled { return }
            let now = parts.uptime()
            defer { last = now }
            if let reason = pulse.observe(isHealthy: isHealthy, activity: activity, elapsed: now - last) {
                let tail = log.tail(ReplicaObservation.maxLogTailLines).map(\.text)
                send(.unhealthy(Failure(.engineExited, "the engine \(reason); it is restarted", logTail: tail)))
                return
            }
        }
    }

    /// Follows the log for as long as the replica is supervised: for readers, for rotation, for the progress it tells.
    func readLog() async {
        while !Task.isCancelled {
            log.catchUp(now: parts.now())
            let pieces = log.takeFresh()
            if life.state == .starting || life.state == .preparing { read(pieces) }
            try? await parts.clock.sleep(for: .milliseconds(250))
        }
    }

    private func read(_ pieces: [LineSplitter.Piece]) {
        let now = parts.uptime()
        if !pieces.isEmpty { progress?.noteLife(at: now) }
        for piece in pieces {
            if let report = adapter?.progress(in: piece.text) { note(report) }
        }
        if progress?.checkStall(after: parts.health.stalledAfter, at: now) ?? false { publish() }
        guard life.state == .starting, let livedAt = progress?.livedAt else { return }
        let silence = now - livedAt
        if silence >= parts.health.maxStartSilence {
            send(
                .unhealthy(
                    Failure(
                        .startTimeout,
                        "the engine wrote nothing and made no progress for \(silence.components.seconds) s while it started",
                        logTail: log.tail(ReplicaObservation.maxLogTailLines).map(\.text))))
        }
    }

    func note(_ report: StepProgress) {
        if progress?.note(report, at: parts.uptime()) ?? false { publish() }
    }

    func publish() { parts.board.set(observation) }

    private var observation: ReplicaObservation {
        let isUp = engine != nil
        let isStarting = life.state == .preparing || life.state == .starting
        return ReplicaObservation(
            replicaID: id, state: life.state.observed, since: life.since, port: isUp ? engine?.record.port : nil,
            processID: (engine?.process.id).map(Int.init), restarts: life.restarts,
            progress: isStarting ? progress?.current : nil, cause: life.failure?.cause,
            reason: reason.map { log.scrub($0).cut(toBytes: Self.maxReasonBytes) },
            logTail: ReplicaObservation.logTail(of: life.failure?.logTail ?? []))
    }

    private static var maxReasonBytes: Int { 2048 }

    private var reason: String? {
        switch life.state {
        case .ended: "the engine ended; what it left behind is being removed"
        case .stopping(.finish), .stopping(.rest): "it is being stopped"
        default: life.failure?.reason
        }
    }
}

extension ReplicaLife.State {
    fileprivate var observed: ReplicaState {
        switch self {
        case .placed: .placed
        case .preparing: .preparing
        case .starting: .starting
        case .ready: .ready
        case .draining: .draining
        case .ended, .backingOff: .backingOff
        case .failed: .failed
        case .stopping: .stopping
        case .stopped: .stopped
        }
    }
}

import Fleet
import InferenceKeyWire
import Logging

extension ReplicaSupervisor {
    func watchExit(of process: EngineProcess, under leash: Leash) async {
        await ExitWatch.untilGone(process)
        guard !leash.isCut, !Task.isCancelled, engine?.process == process else { return }
        send(.exited)
    }

    /// The engine ended by itself: removes what it left, and finds out why.
    func clean() async {
        let process = engine?.process
        let ending = process.map { ProcessEnding(reaping: $0.id) } ?? .unknown
        await parts.stop.removeLeftovers(of: id, session: process)
        if Task.isCancelled { return }
        log.finish(now: parts.now())
        let failure = failure(ending)
        parts.logger.notice(
            "engine ended",
            metadata: ["replica": "\(id)", "cause": "\(failure.cause.rawValue)", "reason": "\(failure.reason)"])
        engine = nil
        parts.engineIsGone()
        send(.cleaned(failure))
    }

    /// An ordered stop: returns when nothing is left.
    func stop() async {
        await parts.stop.stop(engine?.process, of: id)
        if Task.isCancelled { return }
        log.finish(now: parts.now())
        engine = nil
        parts.engineIsGone()
        send(.stopped)
    }

    private func failure(_ ending: ProcessEnding) -> Failure {
        let lines = log.tailOfRun(maxLines: 400)
        let verdict = adapter?.verdict(on: lines) ?? LogVerdict()
        let portIsOurs = engine?.record.portIsOurs ?? false
        let cause = verdict.cause ?? .engineExited
        return Failure(
            cause, log.scrub(verdict.line.map { "\(ending): \($0)" } ?? ending.description),
            logTail: lines.suffix(ReplicaObservation.maxLogTailLines),
            anotherPortMayHelp: cause == .portInUse && portIsOurs)
    }
}

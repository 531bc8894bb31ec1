import Fleet
import InferenceKeyWire
import Logging
import NIOCore

// Refusing, and accounting for what happened.
extension ClientConnection {
    /// Answers with an error of ours. The connection is kept when the rest of the request's body is small.
    func refuse(_ refusal: Refusal) {
        request.story?.isRefused(refusal.error.code)
        let isRead = request.body.isComplete
        let rest = request.body.remainingBytes ?? 0
        let mayDiscard = !request.expectsContinue && rest <= lane.limits.maxDiscardedBytes
        guard request.keepsAlive, !lane.isDraining, isRead || mayDiscard else { return respondAndLinger(refusal) }
        respond(OwnAnswer(refusal: refusal))
        settle(failed: true)
        if isRead {
            nextRequest(keepsAlive: true)
        } else {
            stage = .discarding
            discardedBytes = 0
            deadline = lane.now + lane.limits.bodyIdle
        }
    }

    /// Answers with an error of ours and closes.
    func respondAndLinger(_ refusal: Refusal) {
        request.story?.isRefused(refusal.error.code)
        var answer = OwnAnswer(refusal: refusal)
        answer.closes = true
        respond(answer)
        settle(failed: true)
        linger()
    }

    /// A head that is none: where the next request begins is not known.
    func refuseHead(_ fault: HeadFault) {
        respondAndLinger(Refusal(fault.error))
    }

    /// Writes an answer of ours, with the id of the request, or with the one given.
    func respond(_ answer: OwnAnswer, requestID: RequestID? = nil) {
        var answer = answer
        if request.isOpen {
            request.status = answer.status
            answer.isForHead = request.method == .head
        }
        var out = lane.takeBuffer()
        answer.write(into: &out) { out in
            if requestID == nil, request.isOpen {
                out.writePart(0..<request.forwarded.idLineBytes, of: request.forwarded.block)
            } else {
                (requestID ?? lane.nextRequestID()).writeLine(into: &out)
            }
        }
        write(out)
        flush()
        lane.giveBack(out)
    }

    /// Books the request, whatever became of it, exactly once.
    func settle(failed: Bool) {
        guard request.isOpen else { return }
        request.isOpen = false
        let end = ending(at: request.replica)
        leaveLine()
        leaveReplica()
        letGoOfBody()
        let nanoseconds = (NIODeadline.now() - request.started).nanoseconds
        let figures = takeFigures()
        lane.counters.requestsInFlight -= 1
        count(figures, end, nanoseconds: nanoseconds)
        if let key = request.key {
            if request.isMetered {
                key.meter?.leave(
                    tokens: figures.tokensIn + figures.tokensOut, milliseconds: lane.wall.milliseconds)
            }
            request.workloadMeter?.leave(
                tokens: figures.tokensIn + figures.tokensOut, milliseconds: lane.wall.milliseconds)
        }
        settleUsage(figures, end, failed: failed, nanoseconds: nanoseconds)
        if lane.logsRequests { log(figures, nanoseconds: nanoseconds, failed: failed) }
        if let story = request.story, let telemetry = lane.telemetry {
            tell(story, figures, end, nanoseconds: nanoseconds, to: telemetry)
        }
        lane.giveBack(request.forwarded.block)
        request.forwarded.block = ByteBuffer()
    }

    /// The request will not be sent again.
    func letGoOfBody() {
        lane.heldBodyBytes -= request.heldBytes
        request.bytesIn += request.heldBytes
        request.heldBytes = 0
        request.body.forget()
    }

    private func takeFigures() -> UsageFigures {
        guard let tap = answer.tap else { return UsageFigures() }
        answer.tap = nil
        lane.counters.events += UInt64(tap.events)
        // What an engine refused was not worked on.
        let tokens = request.status < 400 ? request.tokens : .none
        let figures = tap.figures(tokens, promptTokens: request.promptTokens)
        if tokens != .none, !tap.isTold { lane.counters.untold += 1 }
        lane.giveBack(tap)
        return figures
    }

    private func log(_ figures: UsageFigures, nanoseconds: Int64, failed: Bool) {
        lane.logger.debug(
            "request",
            metadata: [
                "request_id": "\(request.forwarded.requestID)", "status": "\(request.status)", "failed": "\(failed)",
                "workload": "\(request.endpoint?.slug ?? "")",
                "key": "\(request.key.map { "ik_live_\($0.id)…" } ?? "")",
                "duration_ms": "\(nanoseconds / 1_000_000)", "tokens_in": "\(figures.tokensIn)",
                "tokens_out": "\(figures.tokensOut)",
            ])
    }
}

import Fleet
import InferenceKeyWire
import NIOCore

// Passing an answer on.
extension ClientConnection {
    /// What becomes of an answer's head.
    enum Verdict {
        /// Pass the body on; the head has been written.
        case relay
        /// An interim answer that nobody waits for.
        case skip
        /// Pass everything on as it came: the control relay.
        case passRaw
        /// Do not pass it on: the engine has not begun with it, so try elsewhere or say this.
        case notBegun(Refusal)
        /// Do not pass it on: say this.
        case reject(Refusal)
    }

    func answerBegan(_ head: AnswerHead, _ bytes: UnsafeRawBufferPointer, _ fields: [FieldSpan]) -> Verdict {
        // Nobody asked for another protocol.
        if head.status == 101 { return .reject(UpstreamFault.malformed.refusal) }
        if stage == .control {
            controlAnswerBegan(head)
            return .passRaw
        }
        if head.isInterim { return .skip }
        noteHead(head.status)
        if head.status == 503, mayTryElsewhere { return .notBegun(Self.engineIsBusy) }
        if head.status == 401 { return .notBegun(Self.engineRefusesKey) }
        if head.status >= 400, head.content == .other {
            return .reject(
                Refusal(.upstreamFailed, "the engine answered \(head.status) with something that is no JSON"))
        }
        beginAnswer(head, bytes, fields)
        return .relay
    }

    private static let engineIsBusy = Refusal(.upstreamFailed, "the engine answered 503")
    /// The key is ours, and so is the fault.
    private static let engineRefusesKey = Refusal(.upstreamFailed, "the engine refused the gateway's key for it")

    private var mayTryElsewhere: Bool {
        guard request.tried.count + 1 < lane.limits.maxAttempts, let endpoint = request.endpoint,
            let current = request.replica
        else { return false }
        return endpoint.hasReplica(besides: request.tried + [current])
    }

    /// The engine's answer was not passed on, and its connection is closed.
    func answerRejected(_ refusal: Refusal, hadBegun: Bool) {
        upstream = nil
        if stage == .control { return controlFailed(.malformed) }
        if !hadBegun, tryElsewhere() { return }
        refuse(refusal)
        process()
    }

    private func beginAnswer(_ head: AnswerHead, _ bytes: UnsafeRawBufferPointer, _ fields: [FieldSpan]) {
        stage = .answering
        request.status = head.status
        request.hasAnswer = true
        request.story?.answered()
        letGoOfBody()
        lane.counters.timeToFirstByte.record(nanoseconds: (NIODeadline.now() - request.started).nanoseconds)
        answer = RelayedAnswer()
        answer.isEventStream = head.content == .eventStream
        answer.addsChunks = head.framing == .untilClose
        answer.isChunked = head.framing == .chunked || answer.addsChunks
        let tap = lane.takeTap()
        tap.start(isEventStream: answer.isEventStream, engineSaysUsage: request.asksForUsage)
        answer.tap = tap
        if lane.isDraining { request.keepsAlive = false }
        var out = lane.takeBuffer()
        write(head, bytes, fields, into: &out)
        answer.head = out
        // A stream may be open for long.
        if answer.isEventStream { lane.giveBack(request.forwarded.forgetFields()) }
    }

    /// The lines of ours but for the id's and the limits'.
    private static let maxOtherBytes = 128

    private func write(
        _ head: AnswerHead, _ bytes: UnsafeRawBufferPointer, _ fields: [FieldSpan], into out: inout ByteBuffer
    ) {
        let (forwarded, rate) = (request.forwarded, request.rate)
        let (addsChunks, keepsAlive) = (answer.addsChunks, request.keepsAlive)
        let most = Self.maxOtherBytes + head.length + forwarded.idLineBytes + RateState.maxHeaderBytes
        out.writeHead(atMost: most) { out in
            out.write("HTTP/1.1 ")
            out.write(bytes.part(head.statusText))
            out.write("\r\n")
            forwarded.block.withUnsafeReadableBytes { out.write($0.part(0..<forwarded.idLineBytes)) }
            // A 204 has no body that a length could be of.
            let hasNoLength = head.status == 204
            out.writeFields(bytes, fields) { $0.goesToClient && !(hasNoLength && $0.isFraming) }
            if addsChunks { out.write("transfer-encoding: chunked\r\n") }
            rate?.write(into: &out)
            if !keepsAlive { out.write("connection: close\r\n") }
            out.write("\r\n")
        }
    }

    /// A burst of reads from upstream is over.
    func flushAnswer() {
        switch stage {
        case .answering:
            writeWaitingHead()
            noteUsage()
            flush()
            deadline = lane.now + (answer.hasBody ? lane.limits.upstreamIdle : lane.limits.upstreamHead)
        case .control: flush()
        default: break
        }
    }

    /// The answer is whole.
    func answerEnded(keepsClient: Bool) {
        upstream = nil
        guard stage == .answering else { return controlEnded(keepsClient: keepsClient) }
        relayHeld()
        writeWaitingHead()
        if answer.addsChunks { endChunks() }
        // Settled first: what a client was given whole is counted so, even if this process ends with the next instruction.
        settle(failed: request.status >= 400)
        flush()
        nextRequest(keepsAlive: request.keepsAlive)
        process()
    }

    private func endChunks() {
        var end = lane.takeBuffer()
        end.writeStaticString("0\r\n\r\n")
        write(end)
        lane.giveBack(end)
    }

    /// The engine failed after its answer had begun: an event stream ends with one event that says so and without
    /// `[DONE]`; anything else is cut.
    func failedInAnswer(_ fault: UpstreamFault) {
        lane.counters.cutStreams += 1
        request.end = .cut
        guard answer.canTellError else {
            settle(failed: true)
            return close()
        }
        tellInStream(fault.inStream)
        settle(failed: true)
        nextRequest(keepsAlive: request.keepsAlive)
        process()
    }

    func tellInStream(_ error: ServiceError) {
        request.story?.isRefused(error.code)
        writeWaitingHead()
        answer.held = ByteBuffer()
        var out = lane.takeBuffer()
        // Chunks of ours may have ended in the middle of an event: that one ends here.
        if !answer.endsWhole { out.writeChunk("\n\n".utf8) }
        out.writeChunk(Array("data: ".utf8) + error.dataBody().bytes + Array("\n\n".utf8))
        out.writeStaticString("0\r\n\r\n")
        write(out)
        flush()
        lane.giveBack(out)
    }

    /// The Manager was sent what the client said: after `connection: close` it takes no more.
    var mayKeepUpstream: Bool { stage != .control || control?.requestEnded == true && control?.keepsAlive == true }
}

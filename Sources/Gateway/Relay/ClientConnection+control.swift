import InferenceKeyWire
import NIOCore

// The control relay: what is not below /endpoint/ goes to the Manager as it came, and its answer comes back so.
extension ClientConnection {
    func beginControl(_ head: RequestHead) {
        let bytes = inbound.readSlice(length: head.length) ?? ByteBuffer()
        scanned = 0
        stage = .control
        deadline = lane.now + lane.limits.controlBodyDeadline
        lane.counters.controlRequests += 1
        let exchange = ControlExchange(head, bytes: bytes, requestID: lane.nextRequestID())
        control = exchange
        if exchange.requestEnded || !exchange.waitsForBody { openControl() }
    }

    /// More of a request's body has come; whether something of it was used.
    func readControlBody() -> Bool {
        guard let control, !control.requestEnded, inbound.readableBytes > 0 else { return false }
        let isSent = upstream.map { $0.stage == .awaitingHead || $0.stage == .relaying } ?? false
        if isSent, upstream?.isWritable == false { return false }
        guard var piece = self.control?.takeBody(from: &inbound) else {
            refuseControlBody()
            return false
        }
        // What arrives earns the rest more time.
        deadline =
            deadline
            + .nanoseconds(Int64(piece.readableBytes) * 1_000_000_000 / Int64(lane.limits.minControlBytesPerSecond))
        if isSent { upstream?.write(piece) } else { self.control?.unsent.writeBuffer(&piece) }
        guard self.control?.requestEnded == true else { return true }
        deadline = .distantFuture
        // A read that brings all of the rest is written at once; else the end of the burst does it.
        if isSent { upstream?.flush() } else if upstream == nil { openControl() }
        return true
    }

    /// Goes over a kept connection only with what can be sent again: the connection may be dead.
    private func openControl() {
        guard let manager = lane.control, let control else { return }
        if control.requestEnded {
            deadline = .distantFuture
            if let kept = manager.takeIdle(now: lane.now, keptFor: lane.limits.upstreamKeepAlive) {
                self.control?.isOnKeptConnection = true
                upstream = kept
                return sendControl(over: kept)
            }
        }
        UpstreamConnection.open(lane, manager, for: self)
    }

    var mustHoldControlReads: Bool {
        guard let control else { return false }
        if control.requestEnded { return inbound.readableBytes > lane.limits.maxPipelinedBytes }
        guard let upstream, upstream.stage != .connecting else {
            return control.unsent.readableBytes > lane.limits.maxPipelinedBytes
        }
        return !upstream.isWritable
    }

    func sendControl(over connection: UpstreamConnection) {
        guard let control else { return connection.close() }
        self.control?.sentAt = .now()
        connection.begin(for: self, answersHead: control.answersHead)
        connection.write(control.unsent)
        connection.flush()
        if !control.requestEnded {
            self.control?.unsent = ByteBuffer()
            process()
        }
    }

    func controlAnswerBegan(_ head: AnswerHead) {
        guard !head.isInterim else { return }
        control?.hasAnswerBegun = true
        control?.unsent = ByteBuffer()
        control?.isEventStream = head.content == .eventStream
    }

    /// The Manager's answer is whole.
    func controlEnded(keepsClient: Bool) {
        guard stage == .control, let control else { return }
        flush()
        nextRequest(keepsAlive: keepsClient && control.keepsAlive && control.requestEnded)
        process()
    }

    /// The connection to the Manager broke, or there was none.
    func controlFailed(_ fault: UpstreamFault) {
        guard stage == .control, let control else { return }
        upstream = nil
        guard !control.hasAnswerBegun else { return close() }
        let isEarly = NIODeadline.now() - control.sentAt < lane.limits.staleWindow
        if control.isOnKeptConnection, isEarly, fault == .reset || fault == .closed, let manager = lane.control {
            self.control?.isOnKeptConnection = false
            return UpstreamConnection.open(lane, manager, for: self)
        }
        let error = ServiceError(
            .unavailable, "the control plane cannot be reached: try again", retryAfterMilliseconds: 2000)
        answerControl(error, closes: !control.keepsAlive || !control.requestEnded)
    }

    private func refuseControlBody() {
        giveUpControl(
            ServiceError(.invalidRequest, "the body is not well-formed chunks, without extensions or trailers"))
    }

    func controlBodyTimedOut() {
        giveUpControl(ServiceError(.requestTimeout, "the request's body did not arrive in time"))
    }

    /// The request is at fault: it is answered so, unless the Manager has begun to answer.
    private func giveUpControl(_ error: ServiceError) {
        upstream?.abandon()
        upstream = nil
        guard control?.hasAnswerBegun == false else { return close() }
        answerControl(error, closes: true)
    }

    private func answerControl(_ error: ServiceError, closes: Bool) {
        guard let control else { return }
        var answer = OwnAnswer(control: error, requestID: control.requestID.text)
        answer.closes = closes
        answer.isForHead = control.answersHead
        respond(answer, requestID: control.requestID)
        nextRequest(keepsAlive: !closes)
        process()
    }
}

// Without a Manager behind it, the Gateway says itself how it is.
extension ClientConnection {
    func answerLocally(_ head: RequestHead, path: String) {
        request.method = head.method
        request.keepsAlive = head.keepsAlive
        request.expectsContinue = head.expectsContinue
        request.body = RequestBody(head.framing)
        let id = lane.nextRequestID()
        guard head.method == .get || head.method == .head else {
            return finishLocally(Self.error(.methodNotAllowed, "this is called with GET", id), id)
        }
        switch path {
        case "/healthz": finishLocally(Self.status(200, "ok"), id)
        case "/readyz":
            let isReady = lane.links.isReady() && !lane.isDraining
            finishLocally(isReady ? Self.status(200, "ready") : Self.status(503, "not_ready"), id)
        case "/metrics":
            stage = .local
            deadline = .distantFuture
            lane.links.metrics(lane.loop).assumeIsolated().whenComplete { [self] result in
                guard stage == .local else { return }
                let text = (try? result.get()) ?? ""
                finishLocally(
                    OwnAnswer(status: 200, contentType: "text/plain; version=0.0.4", text: text), id)
                process()
            }
        default:
            finishLocally(
                Self.error(.notFound, "there is nothing here: calls go to /endpoint/PROJECT/WORKLOAD/v1/…", id), id)
        }
    }

    private func finishLocally(_ answer: OwnAnswer, _ id: RequestID) {
        var answer = answer
        answer.isForHead = request.method == .head
        let closes = !request.keepsAlive || !request.body.isComplete || lane.isDraining
        answer.closes = closes
        respond(answer, requestID: id)
        nextRequest(keepsAlive: !closes)
    }

    private static func status(_ status: Int, _ word: String) -> OwnAnswer {
        OwnAnswer(status: status, contentType: "application/json", text: "{\"status\":\"\(word)\"}")
    }

    private static func error(_ code: ErrorCode, _ message: String, _ id: RequestID) -> OwnAnswer {
        OwnAnswer(control: ServiceError(code, message), requestID: id.text)
    }
}

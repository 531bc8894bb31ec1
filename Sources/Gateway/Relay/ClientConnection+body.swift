import InferenceKeyWire
import NIOCore

// Reading a request's body, whole, before a replica is chosen.
extension ClientConnection {
    func awaitBody() {
        stage = .body
        guard !request.body.isComplete else { return }
        request.bodyDeadline = request.started + lane.limits.bodyDeadline
        deadline = min(request.bodyDeadline, request.started + lane.limits.bodyIdle)
        if request.expectsContinue, inbound.readableBytes == 0 {
            var line = lane.takeBuffer()
            line.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
            write(line)
            flush()
            lane.giveBack(line)
        }
        request.expectsContinue = false
    }

    func readBody() -> Bool {
        let limit = lane.limits.maxBodyBytes
        switch request.body.read(from: &inbound, limitBytes: limit) {
        case .more:
            hold()
            deadline = min(request.bodyDeadline, lane.now + lane.limits.bodyIdle)
            if lane.heldBodyBytes > lane.limits.maxHeldBodyBytes { refuse(Self.tooManyBytes) }
            return stage == .discarding
        case .ended:
            hold()
            bodyEnded()
        case .malformed:
            respondAndLinger(
                Refusal(.invalidRequest, "the body is not well-formed chunks, without extensions or trailers"))
        case .tooLarge: respondAndLinger(tooLarge)
        }
        return true
    }

    private static let tooManyBytes = Refusal(
        .unavailable, "too many large requests at once: try again", retryAfterMilliseconds: 1000)

    /// Counts what is held against the loop's budget.
    private func hold() {
        let bytes = request.body.bytes.readableBytes
        lane.heldBodyBytes += bytes - request.heldBytes
        request.heldBytes = bytes
    }

    private func bodyEnded() {
        do throws(Refusal) {
            try findModel()
            dispatch()
        } catch {
            refuse(error)
        }
    }

    private func findModel() throws(Refusal) {
        guard let endpoint = request.endpoint, request.method == .post, request.heldBytes > 0 else { return }
        let body = request.body.bytes
        switch request.content {
        case .json:
            try body.withUnsafeReadableBytes { (bytes) throws(Refusal) in
                let keys: JSONKeys
                do throws(JSONKeyFault) { keys = try JSONKeyScanner.scan(bytes) } catch { throw error.refusal }
                request.asksForUsage = keys.streams && keys.asksForUsage
                request.promptStart = keys.promptStart ?? 0
                if request.tokens != .none { request.promptTokens = PromptTokens.estimate(keys, of: bytes.count) }
                if request.session == nil, let user = keys.user { request.session = SessionHash.of(bytes.part(user)) }
                guard let model = keys.model else { return }
                try ModelField.check(bytes.part(model), isEscaped: keys.modelIsEscaped, endpoint: endpoint)
                request.model = model
            }
        case .multipart:
            let type = request.contentType
            try body.withUnsafeReadableBytes { (bytes) throws(Refusal) in
                let found: Range<Int>?
                do throws(MultipartFault) { found = try MultipartModel.find(bytes, contentType: type) } catch {
                    throw error.refusal
                }
                guard let found else { return }
                try ModelField.check(bytes.part(found), isEscaped: false, endpoint: endpoint)
                request.model = found
            }
        case .other: throw Self.unknownType
        }
    }

    /// An engine may read JSON, and a model's name in it, whatever it is said to be.
    private static let unknownType = Refusal(
        .unsupportedMediaType,
        "send the body with Content-Type: application/json, or multipart/form-data where this route takes files")

    /// Reads on to the end of a body that was refused, so that the connection can be kept.
    func discardBody() -> Bool {
        let before = inbound.readableBytes
        let end = request.body.discard(from: &inbound)
        discardedBytes += before - inbound.readableBytes
        switch end {
        case .more:
            if discardedBytes > lane.limits.maxDiscardedBytes { linger() }
            return false
        case .ended: nextRequest(keepsAlive: request.keepsAlive)
        case .malformed, .tooLarge: linger()
        }
        return true
    }
}

import NIOCore

// Reading the answer.
extension UpstreamConnection {
    func readHead(_ buffer: ByteBuffer) {
        if pending.readableBytes == 0 {
            pending = buffer
        } else {
            var more = buffer
            pending.writeBuffer(&more)
        }
        while stage == .awaitingHead, pending.readableBytes > 0, readOneHead() {}
    }

    /// Whether a whole head was read.
    private func readOneHead() -> Bool {
        guard let client else { return false }
        let bytes = pending
        pending = ByteBuffer()
        let found: (AnswerHead, ClientConnection.Verdict)?
        do throws(HeadFault) {
            found = try bytes.withUnsafeReadableBytes {
                (raw) throws(HeadFault) -> (AnswerHead, ClientConnection.Verdict)? in
                let head = try AnswerHeadParser.parse(
                    raw, scanned: scanned, limitBytes: lane.limits.maxHeadBytes, answersHead: answersHead,
                    into: &lane.fields)
                guard let head else { return nil }
                return (head, client.answerBegan(head, raw, lane.fields))
            }
        } catch {
            fail(.malformed)
            return false
        }
        guard let (head, verdict) = found else {
            scanned = bytes.readableBytes
            pending = bytes
            return false
        }
        scanned = 0
        take(head, verdict, bytes, client)
        return true
    }

    private func take(
        _ head: AnswerHead, _ verdict: ClientConnection.Verdict, _ bytes: ByteBuffer, _ client: ClientConnection
    ) {
        var rest = bytes
        switch verdict {
        case .skip:
            rest.moveReaderIndex(forwardBy: head.length)
            pending = rest
        case .passRaw:
            if let raw = rest.readSlice(length: head.length) { client.relayRaw(raw) }
            pending = rest
            if !head.isInterim { beginBody(head) }
        case .relay:
            rest.moveReaderIndex(forwardBy: head.length)
            pending = rest
            beginBody(head)
        case .notBegun(let refusal):
            close()
            client.answerRejected(refusal, hadBegun: false)
        case .reject(let refusal):
            close()
            client.answerRejected(refusal, hadBegun: true)
        }
    }

    private func beginBody(_ head: AnswerHead) {
        body = AnswerBody(head.framing)
        keepsAlive = head.keepsAlive
        stage = .relaying
        let rest = pending
        pending = ByteBuffer()
        if body.isEmpty {
            finish(leftover: rest.readableBytes)
        } else if rest.readableBytes > 0 {
            relay(rest)
        }
    }

    func relay(_ buffer: ByteBuffer) {
        guard let client else { return }
        let tap = client.answer.tap
        let progress = buffer.withUnsafeReadableBytes { body.read($0, tap: tap) }
        client.relay(buffer, progress)
        switch progress.end {
        case .more: break
        case .ended: finish(leftover: buffer.readableBytes - progress.taken)
        case .malformed: fail(.malformed)
        }
    }

    private func finish(leftover: Int) {
        guard let client else { return close() }
        self.client = nil
        if keepsAlive, leftover == 0, client.mayKeepUpstream {
            stage = .idle
            replica.keep(self, now: lane.now)
            // Reading may have been held for the client that is now gone.
            resumeReading()
        } else {
            close()
        }
        client.answerEnded(keepsClient: keepsAlive)
    }

    private func fail(_ fault: UpstreamFault) {
        let client = self.client
        close()
        client?.upstreamFailed(self, fault)
    }
}

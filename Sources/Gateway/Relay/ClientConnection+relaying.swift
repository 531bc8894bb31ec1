import NIOCore

// Writing an answer's bytes as they come.
extension ClientConnection {
    /// Bodies up to this are copied behind their head and written with it.
    private static let joinedBodyBytes = 8 << 10

    /// Passes on what a read brought, `progress` of which belongs to the body. Of an event stream only whole events are
    /// passed on, so that an error can still be told if the engine dies in the middle of one.
    func relay(_ buffer: ByteBuffer, _ progress: AnswerBody.Progress) {
        if answer.awaitsToken { noteBytes() }
        guard stage == .answering else {
            if let raw = buffer.getSlice(at: buffer.readerIndex, length: progress.taken) { write(raw) }
            return
        }
        if answer.addsChunks { return relayInChunks(buffer, progress.taken) }
        let splits = answer.isEventStream && answer.isChunked
        let count = splits ? progress.whole : progress.taken
        let start = buffer.readerIndex
        if count > 0 {
            relayHeld()
            answer.endsWhole = true
            if count == buffer.readableBytes {
                relayNow(buffer)
            } else if let piece = buffer.getSlice(at: start, length: count) {
                relayNow(piece)
            }
        }
        guard count < progress.taken, progress.end != .malformed else { return }
        guard var rest = buffer.getSlice(at: start + count, length: progress.taken - count) else { return }
        if progress.hidesEvent, answer.endsWhole { beginOwnChunks(rest) } else { hold(&rest) }
    }

    /// The engine's chunks end in the middle of events: from the end of the last whole one on they are taken off.
    private func beginOwnChunks(_ rest: ByteBuffer) {
        let held = answer.held
        answer.held = ByteBuffer()
        answer.addsChunks = true
        answer.chunks = ChunkBoundary(isStrict: false)
        relayInChunks(held, held.readableBytes)
        relayInChunks(rest, rest.readableBytes)
    }

    private func hold(_ rest: inout ByteBuffer) {
        answer.held.writeBuffer(&rest)
        guard answer.held.readableBytes > lane.limits.maxHeldEventBytes else { return }
        relayHeld()
        answer.endsWhole = false
    }

    func relayHeld() {
        guard answer.held.readableBytes > 0 else { return }
        if answer.addsChunks { relayChunk(answer.held) } else { relayNow(answer.held) }
        answer.held = ByteBuffer()
    }

    /// Passes on the payload of the first `count` bytes, of an event stream again whole events only.
    private func relayInChunks(_ buffer: ByteBuffer, _ count: Int) {
        guard answer.isEventStream else { return relayChunk(buffer) }
        let seen = answer.held.readableBytes
        buffer.withUnsafeReadableBytes { bytes in
            guard answer.chunks != nil else { return _ = answer.held.writeBytes(bytes.part(0..<count)) }
            var position = 0
            while case .some(let range) = answer.chunks?.nextPayload(bytes.part(0..<count), &position) {
                answer.held.writeBytes(bytes.part(range))
            }
        }
        let whole = answer.held.withUnsafeReadableBytes { EventEnd.last(in: $0, from: seen) }
        if whole > 0, let events = answer.held.readSlice(length: whole) {
            relayChunk(events)
            answer.held = ByteBuffer(buffer: answer.held)
            answer.endsWhole = true
        }
        guard answer.held.readableBytes > lane.limits.maxHeldEventBytes else { return }
        relayHeld()
        answer.endsWhole = false
    }

    private func relayChunk(_ payload: ByteBuffer) {
        var out = lane.takeBuffer()
        out.writeChunk(payload.readableBytesView)
        relayNow(out)
        lane.giveBack(out)
    }

    /// Passes on what belongs to the Manager's answer as it came.
    func relayRaw(_ buffer: ByteBuffer) { write(buffer) }

    /// Writes the head first if it still waits, and together with a small body.
    private func relayNow(_ buffer: ByteBuffer) {
        guard var head = answer.head else { return write(buffer) }
        answer.head = nil
        if buffer.readableBytes <= Self.joinedBodyBytes {
            head.writeImmutableBuffer(buffer)
            write(head)
        } else {
            write(head)
            write(buffer)
        }
        lane.giveBack(head)
    }

    func writeWaitingHead() {
        guard let head = answer.head else { return }
        answer.head = nil
        write(head)
        lane.giveBack(head)
    }
}

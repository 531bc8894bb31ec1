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
        if answer.addsChunks { return relayInChunk(buffer) }
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
        if var rest = buffer.getSlice(at: start + count, length: progress.taken - count) { hold(&rest) }
    }

    private func hold(_ rest: inout ByteBuffer) {
        answer.held.writeBuffer(&rest)
        guard answer.held.readableBytes > lane.limits.maxHeldEventBytes else { return }
        relayHeld()
        answer.endsWhole = false
    }

    func relayHeld() {
        guard answer.held.readableBytes > 0 else { return }
        relayNow(answer.held)
        answer.held = ByteBuffer()
    }

    private func relayInChunk(_ buffer: ByteBuffer) {
        var out = lane.takeBuffer()
        out.writeChunk(buffer.readableBytesView)
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

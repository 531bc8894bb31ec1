import NIOCore

/// Collects the body of one request, out of its framing.
struct RequestBody {
    enum End: Sendable, Hashable {
        case more, ended, malformed, tooLarge
    }

    private(set) var framing: RequestFraming
    /// What has been collected so far.
    private(set) var bytes = ByteBuffer()
    private var remaining = 0
    private var chunks = ChunkBoundary(isStrict: true)

    init(_ framing: RequestFraming) {
        self.framing = framing
        if case .length(let count) = framing { remaining = count }
    }

    /// Takes from `inbound` what belongs to the body. A body that came in one read is a slice of it, not a copy.
    mutating func read(from inbound: inout ByteBuffer, limitBytes: Int) -> End {
        switch framing {
        case .none: return .ended
        case .length:
            if bytes.readableBytes == 0, inbound.readableBytes >= remaining {
                bytes = inbound.readSlice(length: remaining) ?? ByteBuffer()
                remaining = 0
            } else if var piece = inbound.readSlice(length: min(remaining, inbound.readableBytes)) {
                remaining -= piece.readableBytes
                bytes.writeBuffer(&piece)
            }
            return remaining == 0 ? .ended : .more
        case .chunked: return readChunks(from: &inbound, limitBytes: limitBytes, keeps: true)
        }
    }

    /// Takes from `inbound` what belongs to the body and forgets it.
    mutating func discard(from inbound: inout ByteBuffer) -> End {
        switch framing {
        case .none: return .ended
        case .length:
            let count = min(remaining, inbound.readableBytes)
            inbound.moveReaderIndex(forwardBy: count)
            remaining -= count
            return remaining == 0 ? .ended : .more
        case .chunked: return readChunks(from: &inbound, limitBytes: .max, keeps: false)
        }
    }

    /// Whether all of it has been read.
    var isComplete: Bool {
        switch framing {
        case .none: true
        case .length: remaining == 0
        case .chunked: chunks.isEnded
        }
    }

    /// Lets go of what was collected: nobody will send it again.
    mutating func forget() { bytes = ByteBuffer() }

    /// What is still to come, if it is known.
    var remainingBytes: Int? {
        if case .chunked = framing { return nil }
        return remaining
    }

    private mutating func readChunks(from inbound: inout ByteBuffer, limitBytes: Int, keeps: Bool) -> End {
        var position = 0
        var chunks = chunks
        var collected = bytes
        // The one reference left is the one written to: nothing is copied again.
        bytes = ByteBuffer()
        let end = inbound.withUnsafeReadableBytes { raw -> End in
            while true {
                switch chunks.next(raw, &position) {
                case .chunk(let range), .payload(let range):
                    guard collected.readableBytes + range.count <= limitBytes else { return .tooLarge }
                    if keeps { collected.writeBytes(raw.part(range)) }
                case .chunkEnd: break
                case .more: return .more
                case .ended: return .ended
                case .malformed: return .malformed
                }
            }
        }
        inbound.moveReaderIndex(forwardBy: position)
        self.chunks = chunks
        bytes = collected
        return end
    }
}

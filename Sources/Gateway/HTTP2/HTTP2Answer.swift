import NIOCore
import NIOHTTP2

/// Turns the bytes of one HTTP/1.1 answer into the frames of an HTTP/2 one.
struct HTTP2Answer {
    /// The answer is none: its stream must be reset.
    struct Broken: Error, Sendable {}

    private enum Stage {
        case head, body, ended
    }

    /// Whether it answers a `HEAD`, and so has no body.
    var answersHead = false
    private var stage = Stage.head
    private var pending = ByteBuffer()
    private var framing = AnswerFraming.none
    private var remaining = 0
    private var chunks = ChunkBoundary(isStrict: false)
    private var fields: [FieldSpan] = []

    var hasEnded: Bool { stage == .ended }

    /// Our heads are never this long: they were read under the Gateway's own limit, and some lines were added.
    private static let maxHeadBytes = 256 << 10

    /// The frames for the next bytes; none when they hold nothing to send yet.
    mutating func take(_ bytes: ByteBuffer) throws(Broken) -> [HTTP2Frame.FramePayload] {
        var frames: [HTTP2Frame.FramePayload] = []
        var rest = bytes
        if stage == .head {
            if pending.readableBytes > 0 {
                pending.writeBuffer(&rest)
                rest = pending
                pending = ByteBuffer()
            }
            while stage == .head, rest.readableBytes > 0, try takeHead(&rest, &frames) {}
            if stage == .head {
                pending = rest
                return frames
            }
        }
        if stage == .body, rest.readableBytes > 0 { try takeBody(rest, &frames) }
        return frames
    }

    /// No more bytes come: the end of an answer that has no other.
    mutating func close() -> [HTTP2Frame.FramePayload] {
        guard stage == .body, framing == .untilClose else { return [] }
        stage = .ended
        return [.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true))]
    }

    /// Whether a whole head was there.
    private mutating func takeHead(
        _ rest: inout ByteBuffer, _ frames: inout [HTTP2Frame.FramePayload]
    ) throws(Broken) -> Bool {
        do throws(HeadFault) {
            let (head, list) = try rest.withUnsafeReadableBytes { (bytes) throws(HeadFault) in
                let head = try AnswerHeadParser.parse(
                    bytes, scanned: 0, limitBytes: Self.maxHeadBytes, answersHead: answersHead, into: &fields)
                return (head, head.map { HTTP2AnswerHead.list($0, bytes, fields) })
            }
            guard let head, let list else { return false }
            rest.moveReaderIndex(forwardBy: head.length)
            if !head.isInterim { begin(head.framing) }
            frames.append(.headers(.init(headers: list, endStream: stage == .ended)))
            return true
        } catch {
            throw Broken()
        }
    }

    private mutating func begin(_ framing: AnswerFraming) {
        self.framing = framing
        if case .length(let count) = framing { remaining = count }
        stage = framing == .none || framing == .length(0) ? .ended : .body
    }

    private mutating func takeBody(
        _ bytes: ByteBuffer, _ frames: inout [HTTP2Frame.FramePayload]
    ) throws(Broken) {
        switch framing {
        case .none: break
        case .length:
            var bytes = bytes
            guard let piece = bytes.readSlice(length: min(remaining, bytes.readableBytes)) else { return }
            remaining -= piece.readableBytes
            if remaining == 0 { stage = .ended }
            frames.append(.data(.init(data: .byteBuffer(piece), endStream: remaining == 0)))
        case .untilClose: frames.append(.data(.init(data: .byteBuffer(bytes))))
        case .chunked: try takeChunks(bytes, &frames)
        }
    }

    /// The payload of all chunks of one write goes into one frame.
    private mutating func takeChunks(
        _ bytes: ByteBuffer, _ frames: inout [HTTP2Frame.FramePayload]
    ) throws(Broken) {
        var chunks = chunks
        var payload = ByteBuffer()
        var end = ChunkBoundary.Step.more
        bytes.withUnsafeReadableBytes { raw in
            var position = 0
            while true {
                switch chunks.next(raw, &position) {
                case .chunk(let range), .payload(let range):
                    if payload.readableBytes == 0 { payload.reserveCapacity(raw.count) }
                    payload.writeBytes(raw.part(range))
                case .chunkEnd: continue
                case .more: return
                case .ended:
                    end = .ended
                    return
                case .malformed:
                    end = .malformed
                    return
                }
            }
        }
        self.chunks = chunks
        guard end != .malformed else { throw Broken() }
        if end == .ended { stage = .ended }
        guard payload.readableBytes > 0 || end == .ended else { return }
        frames.append(.data(.init(data: .byteBuffer(payload), endStream: end == .ended)))
    }
}

/// Finds the chunks of a chunked body in bytes that arrive in any pieces, and where the body ends. Holds no bytes.
///
/// ```
///          digits            CR          LF          n bytes         CR         LF
/// size ─────────▶ size ─────────▶ sizeFeed ─▶ data ───────▶ dataReturn ─▶ dataFeed ─▶ size
///                  │ ;                │ size 0
///                  ▼ (lenient)        ▼             CR          LF
///              extension           lineStart ───────────▶ endFeed ─▶ ended
///                                     │  ▲ LF
///                                     ▼  │   (lenient: trailer fields)
///                                   trailer
/// ```
struct ChunkBoundary: Sendable {
    enum Step: Sendable, Hashable {
        /// A chunk that lies whole in the bytes; never empty.
        case chunk(Range<Int>)
        /// A part of a chunk; never empty.
        case payload(Range<Int>)
        /// A chunk is over, its CRLF included.
        case chunkEnd
        /// The body is over; what follows belongs to the next message.
        case ended
        /// All bytes are used up.
        case more
        case malformed
    }

    private enum Stage: UInt8, Sendable {
        case sizeStart, size, sizeExtension, sizeFeed
        case data, dataReturn, dataFeed
        case lineStart, trailer, trailerFeed, endFeed
        case ended, malformed
    }

    /// More hexadecimal digits than this are refused.
    static let maxSizeDigits = 15
    /// Extensions of one chunk, or all trailer fields, may not be longer than this.
    static let maxExtraBytes = 8 << 10

    /// Refuses extensions and trailer fields: nobody needs them, and they have carried requests past proxies.
    let isStrict: Bool
    private var stage = Stage.sizeStart
    private var remaining = 0
    private var digits: UInt8 = 0
    private var extraBytes = 0

    init(isStrict: Bool) { self.isStrict = isStrict }

    var isEnded: Bool { stage == .ended }

    /// The next step in `bytes` from `position`, which is moved on. Ask again after a chunk, a payload and a chunk's end.
    @inline(__always)
    mutating func next(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> Step {
        if stage == .sizeStart, let chunk = Self.wholeChunk(bytes, position) {
            position = chunk.upperBound + 2
            return .chunk(chunk)
        }
        return nextByByte(bytes, &position)
    }

    /// The next bytes inside a chunk, or nil when there are none in `bytes` from `position`.
    mutating func nextPayload(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> Range<Int>? {
        while true {
            switch next(bytes, &position) {
            case .chunk(let range), .payload(let range): return range
            case .chunkEnd: continue
            case .ended, .more, .malformed: return nil
            }
        }
    }

    @inline(never)
    private mutating func nextByByte(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> Step {
        while position < bytes.count {
            if stage == .data {
                let end = min(bytes.count, position + remaining)
                let range = position..<end
                remaining -= range.count
                position = end
                if remaining == 0 { stage = .dataReturn }
                return .payload(range)
            }
            let before = stage
            take(bytes[position])
            if stage == .malformed { return .malformed }
            position += 1
            if stage == .ended { return .ended }
            if before == .dataFeed { return .chunkEnd }
        }
        return stage == .ended ? .ended : .more
    }

    /// The short way: the payload of a chunk of plain form that begins at `start` and lies whole in the bytes.
    @inline(__always)
    private static func wholeChunk(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Range<Int>? {
        var position = start
        var size = 0
        // Up to 8 digits; longer ones go the long way.
        let limit = min(bytes.count, start + 8)
        while position < limit, let digit = hexadecimal(bytes[position]) {
            size = size << 4 | digit
            position += 1
        }
        guard position > start, size > 0, position + size + 4 <= bytes.count else { return nil }
        let end = position + 2 + size
        guard bytes[position] == 0x0D, bytes[position + 1] == 0x0A, bytes[end] == 0x0D, bytes[end + 1] == 0x0A else {
            return nil
        }
        return position + 2..<end
    }

    private mutating func take(_ byte: UInt8) {
        switch stage {
        case .sizeStart, .size: takeSize(byte)
        case .sizeExtension: takeExtension(byte)
        case .sizeFeed: advance(byte == 0x0A, to: remaining == 0 ? .lineStart : .data)
        case .dataReturn: advance(byte == 0x0D, to: .dataFeed)
        case .dataFeed:
            advance(byte == 0x0A, to: .sizeStart)
            digits = 0
        case .lineStart:
            if byte == 0x0D { stage = .endFeed } else { advance(!isStrict && byte != 0x0A, to: .trailer) }
        case .trailer: takeTrailer(byte)
        case .trailerFeed: advance(byte == 0x0A, to: .lineStart)
        case .endFeed: advance(byte == 0x0A, to: .ended)
        case .data, .ended, .malformed: stage = .malformed
        }
    }

    private mutating func takeSize(_ byte: UInt8) {
        if let digit = Self.hexadecimal(byte) {
            digits += 1
            remaining = stage == .sizeStart ? digit : remaining << 4 | digit
            advance(digits <= Self.maxSizeDigits, to: .size)
        } else if stage == .size, byte == 0x0D {
            stage = .sizeFeed
        } else {
            let opensExtension = byte == UInt8(ascii: ";") || byte == 0x20 || byte == 0x09
            advance(!isStrict && stage == .size && opensExtension, to: .sizeExtension)
            extraBytes = 0
        }
    }

    private mutating func takeExtension(_ byte: UInt8) {
        extraBytes += 1
        if byte == 0x0D { stage = .sizeFeed } else { advance(mayBeExtra(byte), to: .sizeExtension) }
    }

    private mutating func takeTrailer(_ byte: UInt8) {
        extraBytes += 1
        if byte == 0x0D { stage = .trailerFeed } else { advance(mayBeExtra(byte), to: .trailer) }
    }

    private func mayBeExtra(_ byte: UInt8) -> Bool {
        extraBytes <= Self.maxExtraBytes && (byte >= 0x20 && byte != 0x7F || byte == 0x09)
    }

    private mutating func advance(_ isAllowed: Bool, to next: Stage) { stage = isAllowed ? next : .malformed }

    private static func hexadecimal(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}

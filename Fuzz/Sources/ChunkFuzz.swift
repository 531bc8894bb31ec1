/// The chunks of a body are the same in whatever pieces they come, and the same that a reader of another kind finds.
enum ChunkFuzz {
    private enum End: Equatable {
        case more, ended, malformed
    }

    static func run(_ bytes: UnsafeRawBufferPointer, isStrict: Bool) {
        guard bytes.count > 1 else { return }
        var whole = Reading(isStrict: isStrict)
        bytes.alone(1..<bytes.count) { whole.read($0) }
        var pieces = Reading(isStrict: isStrict)
        bytes.inPieces { pieces.read($0) }
        precondition(whole.payload == pieces.payload && whole.end == pieces.end && whole.taken == pieces.taken)
        if isStrict { compare(whole, bytes.part(1..<bytes.count)) } else { follow(bytes) }
    }

    private struct Reading {
        var chunks: ChunkBoundary
        var payload: [UInt8] = []
        var end = End.more
        var taken = 0

        init(isStrict: Bool) { chunks = ChunkBoundary(isStrict: isStrict) }

        mutating func read(_ bytes: UnsafeRawBufferPointer) {
            guard end == .more else { return }
            var position = 0
            defer { taken += position }
            while true {
                let before = position
                switch chunks.next(bytes, &position) {
                case .chunk(let range), .payload(let range):
                    precondition(!range.isEmpty && range.lowerBound >= before && range.upperBound <= position)
                    payload += bytes[range]
                case .chunkEnd: break
                case .more:
                    precondition(position == bytes.count)
                    return
                case .ended:
                    end = .ended
                    return
                case .malformed:
                    end = .malformed
                    return
                }
                precondition(position > before, "it goes on")
            }
        }
    }

    /// A reader that takes a whole body at once.
    private static func compare(_ reading: Reading, _ bytes: UnsafeRawBufferPointer) {
        var rest = Array(bytes)[...]
        var payload: [UInt8] = []
        while let feed = rest.firstIndex(of: 0x0A) {
            let line = rest[..<feed]
            let digits = line.dropLast()
            guard line.last == 0x0D, (1...ChunkBoundary.maxSizeDigits).contains(digits.count),
                digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit && $0 < 0x80 }),
                let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return precondition(reading.end == .malformed) }
            rest = rest[(feed + 1)...]
            let data = rest.prefix(size)
            payload += data
            rest = rest.dropFirst(size)
            guard data.count == size, rest.count >= 2 else {
                return precondition(reading.end != .ended && payload.starts(with: reading.payload))
            }
            guard rest.prefix(2) == [0x0D, 0x0A] else { return precondition(reading.end == .malformed) }
            rest = rest.dropFirst(2)
            if size == 0 { return precondition(reading.end == .ended && reading.payload == payload) }
        }
        precondition(reading.end != .ended && reading.payload.count <= bytes.count)
    }

    /// An event stream through the answer's follower: what could be cut never passes what was taken.
    private static func follow(_ bytes: UnsafeRawBufferPointer) {
        for isEventStream in [false, true] {
            let tap = AnswerTap()
            tap.start(isEventStream: isEventStream, engineSaysUsage: false)
            var body = AnswerBody(.chunked)
            var isOver = false
            bytes.inPieces { piece in
                guard !isOver else { return }
                let progress = body.read(piece, tap: tap)
                precondition(progress.whole <= progress.taken && progress.taken <= piece.count)
                if progress.end == .more { precondition(progress.taken == piece.count) }
                isOver = progress.end != .more
            }
            _ = tap.figures()
        }
    }
}

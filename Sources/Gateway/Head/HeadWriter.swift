import NIOCore

/// Writes a head part by part into space that was measured beforehand, so that no part has to make room for itself.
///
/// What does not fit ends the process: the space asked for must be enough for all parts.
struct HeadWriter {
    /// Of a number.
    static let maxDecimalBytes = 20

    private let space: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ space: UnsafeMutableRawBufferPointer) { self.space = space }

    @inline(__always)
    mutating func write(_ text: StaticString) {
        write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(__always)
    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= space.count - count, "a head is longer than it was measured")
        UnsafeMutableRawBufferPointer(rebasing: space[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    /// - Parameter value: not negative.
    mutating func writeDecimal(_ value: Int) {
        var digits = 1
        var power = 10
        while digits < 19, value >= power {
            digits += 1
            power = digits < 19 ? power * 10 : power
        }
        precondition(digits <= space.count - count, "a head is longer than it was measured")
        var rest = value
        for place in stride(from: count + digits - 1, through: count, by: -1) {
            space[place] = UInt8(truncatingIfNeeded: rest % 10) + 0x30
            rest /= 10
        }
        count += digits
    }

    /// Writes the lines of the fields that `passes` lets through. Neighbours are copied together.
    @inline(__always)
    mutating func writeFields(
        _ bytes: UnsafeRawBufferPointer, _ fields: [FieldSpan], passing passes: (FieldKind) -> Bool
    ) {
        var run = 0..<0
        for span in fields where passes(span.kind) {
            let line = span.line
            if line.lowerBound == run.upperBound {
                run = run.lowerBound..<line.upperBound
            } else {
                write(bytes.part(run))
                run = line
            }
        }
        write(bytes.part(run))
    }
}

extension ByteBuffer {
    /// Writes a head of at most `bytes` bytes.
    @inline(__always)
    mutating func writeHead(atMost bytes: Int, _ write: (inout HeadWriter) -> Void) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: bytes) { space in
            var writer = HeadWriter(space)
            write(&writer)
            return writer.count
        }
    }
}

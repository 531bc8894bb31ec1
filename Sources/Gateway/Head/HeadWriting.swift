import NIOCore

extension FieldKind {
    /// Whether the field is passed on to an engine.
    var goesUpstream: Bool { self == .endToEnd || self == .contentType }

    /// Whether the field is passed on to a client. The framing is passed on as it is, and so are its fields.
    var goesToClient: Bool {
        switch self {
        case .endToEnd, .contentType, .contentLength, .transferEncoding: true
        default: false
        }
    }
}

extension ByteBuffer {
    /// Writes the lines of the fields that `passes` lets through. Neighbours are copied together.
    mutating func writeFields(
        _ bytes: UnsafeRawBufferPointer, _ fields: [FieldSpan], passing passes: (FieldKind) -> Bool
    ) {
        var run = 0..<0
        for span in fields where passes(span.kind) {
            let line = span.line
            if line.lowerBound == run.upperBound {
                run = run.lowerBound..<line.upperBound
            } else {
                writeBytes(bytes.part(run))
                run = line
            }
        }
        writeBytes(bytes.part(run))
    }

    /// Writes `range` of another buffer's bytes, counted from its reader index.
    mutating func writePart(_ range: Range<Int>, of other: ByteBuffer) {
        other.withUnsafeReadableBytes { _ = writeBytes($0.part(range)) }
    }

    mutating func writeDecimal(_ value: Int) {
        var rest = value
        var start = 20
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
            repeat {
                start -= 1
                digits[start] = UInt8(truncatingIfNeeded: rest % 10) + 0x30
                rest /= 10
            } while rest > 0
            _ = writeBytes(UnsafeRawBufferPointer(rebasing: digits[start...]))
        }
    }

    mutating func writeHexadecimal(_ value: Int) { writeString(String(value, radix: 16)) }

    /// One whole chunk of a chunked body.
    mutating func writeChunk(_ payload: some Collection<UInt8>) {
        writeHexadecimal(payload.count)
        writeStaticString("\r\n")
        writeBytes(payload)
        writeStaticString("\r\n")
    }
}

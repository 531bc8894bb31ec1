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

    /// Whether the field says where a body ends.
    var isFraming: Bool { self == .contentLength || self == .transferEncoding }
}

extension ByteBuffer {
    /// Writes `range` of another buffer's bytes, counted from its reader index.
    mutating func writePart(_ range: Range<Int>, of other: ByteBuffer) {
        other.withUnsafeReadableBytes { _ = writeBytes($0.part(range)) }
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

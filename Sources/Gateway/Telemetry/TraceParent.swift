import NIOCore

/// The value of a `traceparent` header (W3C Trace Context): which trace a request belongs to and which span it comes
/// from.
struct TraceParent: Sendable, Hashable {
    var traceHigh: UInt64
    var traceLow: UInt64
    var span: UInt64
    var isSampled: Bool

    /// `00-` and 32, 16 and 2 digits.
    private static let bytes = 55

    init(traceHigh: UInt64, traceLow: UInt64, span: UInt64, isSampled: Bool) {
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.span = span
        self.isSampled = isSampled
    }

    /// Nil for what is none. Of a version that is not known yet, what is known of its beginning is read.
    init?(_ text: UnsafeRawBufferPointer) {
        let dash = UInt8(ascii: "-")
        guard text.count >= Self.bytes, text[2] == dash, text[35] == dash, text[52] == dash,
            let version = HexDigits.number(text.part(0..<2)), version != 0xFF,
            text.count == Self.bytes || version > 0 && text[Self.bytes] == dash,
            let high = HexDigits.number(text.part(3..<19)), let low = HexDigits.number(text.part(19..<35)),
            let span = HexDigits.number(text.part(36..<52)), let flags = HexDigits.number(text.part(53..<55)),
            high | low != 0, span != 0
        else { return nil }
        self.init(traceHigh: high, traceLow: low, span: span, isSampled: flags & 1 == 1)
    }

    func write(into out: inout ByteBuffer) {
        out.writeStaticString("00-")
        HexDigits.write(traceHigh, into: &out)
        HexDigits.write(traceLow, into: &out)
        out.writeStaticString("-")
        HexDigits.write(span, into: &out)
        out.writeStaticString(isSampled ? "-01" : "-00")
    }
}

/// Numbers as lower-case hexadecimal digits.
enum HexDigits {
    /// Nil for anything but 1 to 16 lower-case digits.
    static func number(_ text: UnsafeRawBufferPointer) -> UInt64? {
        guard (1...16).contains(text.count) else { return nil }
        var value: UInt64 = 0
        for byte in text {
            guard KeyID.isHexadecimal(byte) else { return nil }
            value = value << 4 | UInt64(byte <= UInt8(ascii: "9") ? byte - UInt8(ascii: "0") : byte - 87)
        }
        return value
    }

    /// All sixteen digits.
    static func write(_ value: UInt64, into out: inout ByteBuffer) {
        out.writeWithUnsafeMutableBytes(minimumWritableBytes: 16) { target in
            for index in 0..<16 { target[index] = digit(value, index) }
            return 16
        }
    }

    /// All sixteen digits.
    static func write(_ value: UInt64, into out: inout [UInt8]) {
        for index in 0..<16 { out.append(digit(value, index)) }
    }

    @inline(__always)
    private static func digit(_ value: UInt64, _ index: Int) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: value >> UInt64(4 * (15 - index))) & 15
        return digit < 10 ? digit + 0x30 : digit + 0x57
    }
}

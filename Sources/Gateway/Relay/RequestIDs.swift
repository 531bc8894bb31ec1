import NIOCore

/// The id of one request: what its caller sent, or one of ours.
struct RequestID {
    private var high: UInt64
    private var low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Of its text.
    static let bytes = 28

    /// `req_` and 24 hexadecimal digits.
    func write(into out: inout ByteBuffer) {
        out.writeStaticString("req_")
        Self.writeHex(high, digits: 8, into: &out)
        Self.writeHex(low, digits: 16, into: &out)
    }

    var text: String {
        var buffer = ByteBuffer()
        write(into: &buffer)
        return String(buffer: buffer)
    }

    private static func writeHex(_ value: UInt64, digits: Int, into out: inout ByteBuffer) {
        out.writeWithUnsafeMutableBytes(minimumWritableBytes: digits) { target in
            for index in 0..<digits {
                let digit = UInt8(truncatingIfNeeded: value >> UInt64(4 * (digits - 1 - index))) & 15
                target[index] = digit < 10 ? digit + 0x30 : digit + 0x57
            }
            return digits
        }
    }
}

/// Gives ids that do not repeat: a random part for the loop, then a mixed counter (SplitMix64).
struct RequestIDs {
    private let loopPart: UInt64
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
        loopPart = (seed >> 7) & 0xFFFF_FFFF
    }

    mutating func next() -> RequestID {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return RequestID(high: loopPart, low: mixed ^ (mixed >> 31))
    }
}

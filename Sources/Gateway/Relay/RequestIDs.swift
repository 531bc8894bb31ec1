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
    func write(into out: inout HeadWriter) {
        out.write("req_")
        Self.writeHex(high, digits: 8, into: &out)
        Self.writeHex(low, digits: 16, into: &out)
    }

    /// The header line that tells it.
    func writeLine(into out: inout ByteBuffer) {
        out.writeHead(atMost: 16 + Self.bytes) { out in
            out.write("x-request-id: ")
            write(into: &out)
            out.write("\r\n")
        }
    }

    var text: String {
        var buffer = ByteBuffer()
        buffer.writeHead(atMost: Self.bytes) { write(into: &$0) }
        return String(buffer: buffer)
    }

    private static func writeHex(_ value: UInt64, digits: Int, into out: inout HeadWriter) {
        // Eight digits at a time: each half byte spread to a byte of its own, the first one lowest.
        for word in stride(from: digits - 8, through: 0, by: -8) {
            var spread = (value >> UInt64(4 * word)) & 0xFFFF_FFFF
            spread = (spread | spread << 16) & 0x0000_FFFF_0000_FFFF
            spread = (spread | spread << 8) & 0x00FF_00FF_00FF_00FF
            spread = (spread | spread << 4) & 0x0F0F_0F0F_0F0F_0F0F
            let letters = ((spread &+ 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
            let text = (spread | 0x3030_3030_3030_3030) &+ letters &* 0x27
            withUnsafeBytes(of: text.bigEndian) { out.write($0) }
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

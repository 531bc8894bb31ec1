/// Which bytes may stand where in a message head (RFC 9110 section 5, RFC 9112).
enum ByteClass {
    /// A byte of a method or field name.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        let mask: UInt64
        switch byte >> 6 {
        case 0: mask = 0x03FF_6CFA_0000_0000
        case 1: mask = 0x57FF_FFFF_C7FF_FFFE
        default: mask = 0
        }
        return mask >> UInt64(byte & 63) & 1 == 1
    }

    /// A byte of a request target: visible ASCII but no `#`.
    @inline(__always)
    static func isTarget(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#") }

    /// A byte of a `Host`.
    static func isHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "["),
            UInt8(ascii: "]"), UInt8(ascii: "%"):
            true
        default: isAlphanumeric(byte)
        }
    }

    /// A byte of a slug or an id in a path.
    static func isName(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    static func isJSONSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// Whether every byte may stand in a field value: no control character but the tab. Eight bytes at a time.
    static func isValue(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var position = 0
        while position + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            if mayHoldControl(word), !isValueBytewise(bytes, position..<position + 8) { return false }
            position += 8
        }
        return isValueBytewise(bytes, position..<bytes.count)
    }

    /// Never false when a byte is below 0x20 or is 0x7F; now and then true without one.
    @inline(__always)
    private static func mayHoldControl(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let below = (word &- ones &* 0x20) & ~word
        let delete = word ^ (ones &* 0x7F)
        return (below | ((delete &- ones) & ~delete)) & (ones &* 0x80) != 0
    }

    private static func isValueBytewise(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        for index in range {
            let byte = bytes[index]
            if byte < 0x20 && byte != 0x09 || byte == 0x7F { return false }
        }
        return true
    }
}

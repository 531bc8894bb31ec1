/// The line before a chunk: its size in hexadecimal, then perhaps extensions.
enum ChunkLine {
    /// More digits than this are refused.
    static let maxDigits = 15

    static func size(_ line: [UInt8]) throws(TransportError) -> Int {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x09 }
        guard (1...maxDigits).contains(digits.count), let size = hexadecimal(digits) else {
            throw .malformed("the size of a chunk is not a hexadecimal number")
        }
        let rest = line.dropFirst(digits.count).drop { $0 == 0x20 || $0 == 0x09 }
        guard rest.isEmpty || rest.first == UInt8(ascii: ";") else {
            throw .malformed("the size of a chunk is followed by something else")
        }
        return size
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for byte in digits {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | Int(digit)
        }
        return value
    }
}

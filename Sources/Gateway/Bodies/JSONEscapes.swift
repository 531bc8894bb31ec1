/// Reads the escapes of a JSON string that may spell an ASCII word.
enum JSONEscapes {
    /// Writes what `text`, which stands between quotes, spells into `target`, which is no shorter.
    ///
    /// - Returns: how many bytes, or nil where it spells anything beyond ASCII.
    static func write(
        _ text: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(JSONKeyFault) -> Int? {
        var count = 0
        var position = 0
        while position < text.count {
            var byte = text[position]
            position += 1
            if byte == UInt8(ascii: "\\") {
                guard position < text.count else { throw .malformed }
                let letter = text[position]
                position += 1
                if letter == UInt8(ascii: "u") {
                    guard position + 4 <= text.count, let code = Self.code(text.part(position..<position + 4)) else {
                        throw .malformed
                    }
                    guard code < 0x80 else { return nil }
                    position += 4
                    byte = UInt8(code)
                } else {
                    byte = try meaning(of: letter)
                }
            }
            target[count] = byte
            count += 1
        }
        return count
    }

    private static func meaning(of letter: UInt8) throws(JSONKeyFault) -> UInt8 {
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: throw .malformed
        }
    }

    private static func code(_ digits: UnsafeRawBufferPointer) -> Int? {
        var code = 0
        for digit in digits {
            guard let value = Character(UnicodeScalar(digit)).hexDigitValue else { return nil }
            code = code << 4 | value
        }
        return code
    }
}

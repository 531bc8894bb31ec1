extension JSONValue {
    /// The value as compact JSON text in UTF-8, keys in their order, numbers as they were spelled.
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(JSONWriter.firstBytes)
        JSONWriter.write(self, indent: nil, level: 0, into: &out)
        return out
    }

    /// The value as compact JSON text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The value as JSON text over several lines, two spaces a level, for people.
    public var prettyText: String {
        var out: [UInt8] = []
        JSONWriter.write(self, indent: 2, level: 0, into: &out)
        return String(decoding: out, as: UTF8.self)
    }
}

private enum JSONWriter {
    /// Room for a short text.
    static let firstBytes = 240

    static func write(_ value: JSONValue, indent: Int?, level: Int, into out: inout [UInt8]) {
        switch value {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let flag): out.append(contentsOf: (flag ? "true" : "false").utf8)
        case .number(let number): out.append(contentsOf: number.lexeme.utf8)
        case .string(let text): write(text, into: &out)
        case .array(let items):
            writeList(items, "[", "]", indent: indent, level: level, into: &out) { item, out in
                write(item, indent: indent, level: level + 1, into: &out)
            }
        case .object(let members):
            writeList(members, "{", "}", indent: indent, level: level, into: &out) { member, out in
                write(member.key, into: &out)
                out.append(UInt8(ascii: ":"))
                if indent != nil { out.append(UInt8(ascii: " ")) }
                write(member.value, indent: indent, level: level + 1, into: &out)
            }
        }
    }

    private static func writeList<Items: Sequence>(
        _ items: Items, _ open: Unicode.Scalar, _ close: Unicode.Scalar, indent: Int?, level: Int,
        into out: inout [UInt8], item write: (Items.Element, inout [UInt8]) -> Void
    ) {
        out.append(UInt8(ascii: open))
        var isEmpty = true
        for item in items {
            if !isEmpty { out.append(UInt8(ascii: ",")) }
            isEmpty = false
            newLine(indent: indent, level: level + 1, into: &out)
            write(item, &out)
        }
        if !isEmpty { newLine(indent: indent, level: level, into: &out) }
        out.append(UInt8(ascii: close))
    }

    private static func newLine(indent: Int?, level: Int, into out: inout [UInt8]) {
        guard let indent else { return }
        out.append(UInt8(ascii: "\n"))
        out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * level))
    }

    private static func write(_ text: String, into out: inout [UInt8]) {
        var text = text
        out.append(UInt8(ascii: "\""))
        text.withUTF8 { bytes in
            var (plain, place) = (0, 0)
            while place < bytes.count {
                let byte = bytes[place]
                place += 1
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
                out.append(contentsOf: bytes[plain..<(place - 1)])
                out.append(contentsOf: escape(byte))
                plain = place
            }
            out.append(contentsOf: bytes[plain...])
        }
        out.append(UInt8(ascii: "\""))
    }

    private static func escape(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case UInt8(ascii: "\""): Array("\\\"".utf8)
        case UInt8(ascii: "\\"): Array("\\\\".utf8)
        case 10: Array("\\n".utf8)
        case 13: Array("\\r".utf8)
        case 9: Array("\\t".utf8)
        default: Array(("\\u00" + Hex.encode([byte])).utf8)
        }
    }
}

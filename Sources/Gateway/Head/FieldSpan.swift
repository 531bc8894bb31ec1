/// Where one header field stands in the bytes of its head.
struct FieldSpan: Sendable {
    var nameStart: Int32
    var nameEnd: Int32
    /// Past the line feed.
    var lineEnd: Int32
    var valueStart: Int32
    var valueEnd: Int32
    var kind: FieldKind

    var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
    var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    /// The whole line with its end.
    var line: Range<Int> { Int(nameStart)..<Int(lineEnd) }
}

/// Reads field lines; the same strictness for requests and answers.
enum FieldLines {
    /// More fields than this are refused.
    static let maxFields = 200
    /// More options than this in the `Connection` fields of one head are refused: each is compared with every field.
    static let maxOptions = 32

    /// The field whose line is `line` (without its CRLF); its kind is not yet known.
    static func span(
        _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>
    ) throws(HeadFault) -> FieldSpan {
        let first = bytes[line.lowerBound]
        guard first != 0x20, first != 0x09 else { throw .foldedField }
        var colon = line.lowerBound
        while colon < line.upperBound, ByteClass.isToken(bytes[colon]) { colon += 1 }
        guard colon < line.upperBound, colon > line.lowerBound, bytes[colon] == UInt8(ascii: ":") else {
            throw .fieldName
        }
        let value = bytes.trimmed(colon + 1..<line.upperBound)
        guard ByteClass.isValue(bytes.part(value)) else { throw .fieldValue }
        return FieldSpan(
            nameStart: Int32(line.lowerBound), nameEnd: Int32(colon), lineEnd: Int32(line.upperBound + 2),
            valueStart: Int32(value.lowerBound), valueEnd: Int32(value.upperBound), kind: .endToEnd)
    }

    /// What a `Connection` field says, in order: its options but `close` and `keep-alive` name fields to drop.
    ///
    /// - Parameter left: how many more options there may be.
    static func readConnection(
        _ bytes: UnsafeRawBufferPointer, _ value: Range<Int>, left: inout Int,
        _ option: (UnsafeRawBufferPointer) -> Void
    ) throws(HeadFault) {
        var start = value.lowerBound
        while start <= value.upperBound {
            let comma = bytes.firstIndex(of: UInt8(ascii: ","), from: start) ?? value.upperBound
            let end = min(comma, value.upperBound)
            let item = bytes.trimmed(start..<end)
            if !item.isEmpty {
                left -= 1
                guard left >= 0 else { throw .tooManyOptions }
                option(bytes.part(item))
            }
            start = end + 1
        }
    }

    /// Marks every field that a `Connection` field names as dropped.
    static func dropNamed(
        _ bytes: UnsafeRawBufferPointer, _ fields: inout [FieldSpan]
    ) throws(HeadFault) {
        var left = maxOptions
        for connection in fields where connection.kind == .connection {
            try readConnection(bytes, connection.value, left: &left) { option in
                for index in fields.indices where fields[index].kind == .endToEnd {
                    let name = bytes.part(fields[index].name)
                    if same(name, option) { fields[index].kind = .dropped }
                }
            }
        }
    }

    private static func same(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }
}

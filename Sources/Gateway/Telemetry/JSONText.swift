/// Writes JSON member by member into bytes, without a tree in between. Who calls closes what was opened.
struct JSONText {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// The next text gets as much room at once as the last one took, up to this.
    private static let maxRoomBytes = 1 << 20

    mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

    /// Takes what has been written.
    mutating func take() -> [UInt8] {
        let room = min(bytes.count, Self.maxRoomBytes)
        defer {
            bytes = []
            bytes.reserveCapacity(room)
            needsComma = false
        }
        return bytes
    }

    mutating func beginObject(_ key: StaticString? = nil) { begin(UInt8(ascii: "{"), key) }
    mutating func endObject() { end(UInt8(ascii: "}")) }
    mutating func beginArray(_ key: StaticString? = nil) { begin(UInt8(ascii: "["), key) }
    mutating func endArray() { end(UInt8(ascii: "]")) }

    /// Ends one JSON text of several, each on a line.
    mutating func endLine() {
        bytes.append(0x0A)
        needsComma = false
    }

    mutating func member(_ key: StaticString, _ value: String) {
        name(key)
        var value = value
        value.withUTF8 { text(UnsafeRawBufferPointer($0)) }
    }

    mutating func member(_ key: StaticString, _ value: StaticString) {
        name(key)
        quote()
        append(value)
        quote()
    }

    /// Texts of our own, which need no escaping, one behind the other.
    mutating func member(_ key: StaticString, _ first: StaticString, _ second: StaticString, _ third: StaticString) {
        name(key)
        quote()
        append(first)
        append(second)
        append(third)
        quote()
    }

    /// - Parameter second: needs no escaping.
    mutating func member(_ key: StaticString, _ first: StaticString, _ second: String, _ third: StaticString) {
        name(key)
        quote()
        append(first)
        bytes.append(contentsOf: second.utf8)
        append(third)
        quote()
    }

    mutating func member(_ key: StaticString, _ value: [UInt8]) {
        name(key)
        value.withUnsafeBytes { text($0) }
    }

    mutating func member(_ key: StaticString, _ value: Int) {
        name(key)
        decimal(value)
    }

    /// A number as a string, as protobuf's JSON has 64 bits.
    mutating func member(_ key: StaticString, quoting value: Int64) {
        name(key)
        quote()
        decimal(Int(value))
        quote()
    }

    mutating func member(_ key: StaticString, _ value: Bool) {
        name(key)
        append(value ? "true" : "false")
    }

    mutating func member(_ key: StaticString, _ value: Double) {
        name(key)
        bytes.append(contentsOf: "\(value)".utf8)
    }

    /// A duration in milliseconds to the microsecond.
    mutating func member(_ key: StaticString, milliseconds nanoseconds: Int64) {
        name(key)
        let microseconds = Int(max(0, nanoseconds) / 1000)
        decimal(microseconds / 1000)
        bytes.append(UInt8(ascii: "."))
        let rest = microseconds % 1000
        bytes.append(0x30 + UInt8(rest / 100))
        bytes.append(0x30 + UInt8(rest / 10 % 10))
        bytes.append(0x30 + UInt8(rest % 10))
    }

    /// Sixteen hexadecimal digits for each number.
    mutating func member(_ key: StaticString, hex numbers: UInt64...) {
        name(key)
        quote()
        for number in numbers { HexDigits.write(number, into: &bytes) }
        quote()
    }
}

extension JSONText {
    private mutating func begin(_ bracket: UInt8, _ key: StaticString?) {
        if let key { name(key) } else { comma() }
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func name(_ key: StaticString) {
        comma()
        quote()
        append(key)
        quote()
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func quote() { bytes.append(UInt8(ascii: "\"")) }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func text(_ value: UnsafeRawBufferPointer) {
        quote()
        var plain = 0
        for place in 0..<value.count {
            let byte = value[place]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            bytes.append(contentsOf: value.part(plain..<place))
            append("\\u00")
            bytes.append(Self.digit(byte >> 4))
            bytes.append(Self.digit(byte & 15))
            plain = place + 1
        }
        bytes.append(contentsOf: value.part(plain..<value.count))
        quote()
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? value + 0x30 : value + 0x57 }

    private mutating func decimal(_ value: Int) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        let start = bytes.count
        repeat {
            bytes.append(0x30 + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }
}

/// Walks over a JSON text without building its values: finds the place of what is wanted, and whether the rest is JSON.
///
/// Accepts exactly what the parser of ``JSONValue`` accepts, once ``isCertain`` holds; a text with rare escapes, or with
/// objects of many keys, it leaves to that parser.
package struct JSONSkimmer {
    package struct Malformed: Error {}

    /// The keys of an object that are compared with each other; more of them are left to the parser, which has an index.
    private static let maxComparedKeys = 16

    /// False for a text that only the parser can judge.
    package private(set) var isCertain = true
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var depth = 0
    /// Where the keys of the open objects stand.
    private var keys: [Range<Int>] = []

    /// - Parameter bytes: valid UTF-8.
    package init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        keys.reserveCapacity(24)
    }

    /// What the next value begins with.
    package mutating func peekValue() throws(Malformed) -> UInt8 {
        skipSpace()
        guard position < bytes.count else { throw Malformed() }
        return bytes[position]
    }

    /// Walks over the members of an object; the body must take each value, by its key without quotes.
    package mutating func object(
        _ member: (inout JSONSkimmer, UnsafeBufferPointer<UInt8>) throws(Malformed) -> Void
    ) throws(Malformed) {
        let firstKey = keys.count
        try open(UInt8(ascii: "{"))
        if try close(UInt8(ascii: "}")) { return }
        repeat {
            guard try peekValue() == UInt8(ascii: "\"") else { throw Malformed() }
            let key = try string()
            let name = UnsafeBufferPointer(rebasing: bytes[(key.lowerBound + 1)..<(key.upperBound - 1)])
            if keys.count - firstKey < Self.maxComparedKeys {
                for other in keys[firstKey...] where other.count == key.count {
                    if name.elementsEqual(bytes[(other.lowerBound + 1)..<(other.upperBound - 1)]) { throw Malformed() }
                }
                keys.append(key)
            } else {
                isCertain = false
            }
            if name.contains(UInt8(ascii: "\\")) { isCertain = false }
            guard try peekValue() == UInt8(ascii: ":") else { throw Malformed() }
            position += 1
            try member(&self, name)
        } while try goesOn(to: UInt8(ascii: "}"))
        keys.removeSubrange(firstKey...)
    }

    /// Walks over the items of an array; the body must take each, by its number.
    package mutating func array(
        _ item: (inout JSONSkimmer, Int) throws(Malformed) -> Void
    ) throws(Malformed) {
        try open(UInt8(ascii: "["))
        if try close(UInt8(ascii: "]")) { return }
        var number = 0
        repeat {
            try item(&self, number)
            number += 1
        } while try goesOn(to: UInt8(ascii: "]"))
    }

    /// Walks over any value and gives its place.
    @discardableResult
    package mutating func value() throws(Malformed) -> Range<Int> {
        let first = try peekValue()
        let start = position
        guard depth <= JSONValue.maxDepth else { throw Malformed() }
        switch first {
        case UInt8(ascii: "{"): try object { skimmer, _ throws(Malformed) in try skimmer.value() }
        case UInt8(ascii: "["): try array { skimmer, _ throws(Malformed) in try skimmer.value() }
        case UInt8(ascii: "\""): return try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try number()
        }
        return start..<position
    }

    /// Throws unless nothing but white space is left.
    package mutating func end() throws(Malformed) {
        skipSpace()
        guard position == bytes.count else { throw Malformed() }
    }

    // MARK: Pieces

    private mutating func open(_ bracket: UInt8) throws(Malformed) {
        guard try peekValue() == bracket, depth <= JSONValue.maxDepth else { throw Malformed() }
        position += 1
        depth += 1
    }

    /// Whether the bracket is next, which is then behind.
    private mutating func close(_ bracket: UInt8) throws(Malformed) -> Bool {
        guard try peekValue() == bracket else { return false }
        position += 1
        depth -= 1
        return true
    }

    private mutating func goesOn(to bracket: UInt8) throws(Malformed) -> Bool {
        if try close(bracket) { return false }
        guard bytes[position] == UInt8(ascii: ",") else { throw Malformed() }
        position += 1
        return true
    }

    /// With its quotes.
    private mutating func string() throws(Malformed) -> Range<Int> {
        let start = position
        position += 1
        skipPlainText()
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return start..<position
            case UInt8(ascii: "\\"):
                try escape()
                skipPlainText()
            case 0..<0x20: throw Malformed()
            default: position += 1
            }
        }
        throw Malformed()
    }

    /// Goes on, eight bytes at a time, as long as none of them ends a string or may not stand in it as it is.
    private mutating func skipPlainText() {
        let bytes = UnsafeRawBufferPointer(bytes)
        while position + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            guard !Self.holdsByte(below: 0x20, in: word), !Self.holdsByte(below: 1, in: word ^ Self.quotes),
                !Self.holdsByte(below: 1, in: word ^ Self.backslashes)
            else { break }
            position += 8
        }
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let quotes: UInt64 = 0x2222_2222_2222_2222
    private static let backslashes: UInt64 = 0x5C5C_5C5C_5C5C_5C5C

    /// - Parameter limit: at most 128.
    private static func holdsByte(below limit: UInt64, in word: UInt64) -> Bool {
        (word &- ones &* limit) & ~word & (ones << 7) != 0
    }

    private mutating func escape() throws(Malformed) {
        guard position + 1 < bytes.count else { throw Malformed() }
        let letter = bytes[position + 1]
        position += 2
        if letter == UInt8(ascii: "u") {
            isCertain = false
        } else if !"\"\\/bfnrt".utf8.contains(letter) {
            throw Malformed()
        }
    }

    private mutating func word(_ word: StaticString) throws(Malformed) {
        for index in 0..<word.utf8CodeUnitCount {
            guard position < bytes.count, bytes[position] == word.utf8Start[index] else { throw Malformed() }
            position += 1
        }
    }

    private mutating func number() throws(Malformed) {
        skip(UInt8(ascii: "-"))
        if !skip(UInt8(ascii: "0")) { try digits() }
        if skip(UInt8(ascii: ".")) { try digits() }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            if !skip(UInt8(ascii: "+")) { skip(UInt8(ascii: "-")) }
            try digits()
        }
    }

    private mutating func digits() throws(Malformed) {
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        guard position > start else { throw Malformed() }
    }

    @discardableResult
    private mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }
}

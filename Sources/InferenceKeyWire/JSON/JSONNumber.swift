/// A JSON number as it was spelled. Two spellings of one value are equal.
public struct JSONNumber: Sendable {
    /// The number as it stood in the text, such as `1.50` or `1e3`.
    public let lexeme: String

    /// Takes a lexeme that the parser has already found well formed.
    init(validated lexeme: String) { self.lexeme = lexeme }

    public init(_ value: some BinaryInteger) { lexeme = String(value) }

    /// `value` must be finite. Whole numbers are written without a fraction.
    public init(_ value: Double) {
        precondition(value.isFinite, "JSON has no infinities")
        if value == value.rounded(), abs(value) < 1e15 {
            lexeme = String(Int64(value))
        } else {
            lexeme = String(value)
        }
    }

    /// The value if it is whole and fits, whatever its spelling.
    public var intValue: Int? {
        if let exact = Int(lexeme) { return exact }
        guard let double = Double(lexeme), double == double.rounded(), abs(double) < 9e15 else { return nil }
        return Int(double)
    }

    public var doubleValue: Double { Double(lexeme) ?? 0 }

    /// An exponent further from zero counts as this one: adding the length of a text to it does not overflow.
    private static let maxExponent = 1 << 60

    /// The decimal value as sign, digits without outer zeros, and exponent.
    private var canonical: (negative: Bool, digits: Substring, exponent: Int) {
        var rest = lexeme[...]
        let negative = rest.first == "-"
        if negative { rest.removeFirst() }
        var exponent = 0
        if let mark = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            let given = Int(rest[rest.index(after: mark)...]) ?? (rest[mark...].contains("-") ? .min : .max)
            exponent = min(max(given, -Self.maxExponent), Self.maxExponent)
            rest = rest[..<mark]
        }
        var digits = String(rest)
        if let point = rest.firstIndex(of: ".") {
            let fraction = rest[rest.index(after: point)...]
            exponent -= fraction.count
            digits = String(rest[..<point]) + fraction
        }
        var trimmed = digits.drop { $0 == "0" }
        while trimmed.last == "0" {
            trimmed.removeLast()
            exponent += 1
        }
        return trimmed.isEmpty ? (false, "", 0) : (negative, trimmed, exponent)
    }
}

extension JSONNumber: Hashable {
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        left.lexeme == right.lexeme || left.canonical == right.canonical
    }

    public func hash(into hasher: inout Hasher) {
        let value = canonical
        hasher.combine(value.negative)
        hasher.combine(value.digits)
        hasher.combine(value.exponent)
    }
}

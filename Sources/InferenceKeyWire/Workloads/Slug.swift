/// The name of a project or workload in addresses: 1–63 ASCII letters, digits and single inner `-`, lower case.
public enum Slug {
    public static let maxLength = 63

    /// Makes a slug: every run of characters that are not ASCII letters or digits becomes one `-`, lower-cased, none at
    /// the ends, cut after ``maxLength`` characters. Nil when nothing is left.
    public static func make(from name: String) -> String? {
        var out: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): out.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): out.append(byte + 32)
            default: if let last = out.last, last != UInt8(ascii: "-") { out.append(UInt8(ascii: "-")) }
            }
        }
        var cut = out.prefix(maxLength)
        while cut.last == UInt8(ascii: "-") { cut.removeLast() }
        return cut.isEmpty ? nil : String(decoding: cut, as: UTF8.self)
    }

    /// Whether `text` is a slug already.
    public static func isValid(_ text: String) -> Bool { make(from: text) == text }
}

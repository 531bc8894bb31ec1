import InferenceKeyWire
import Yams

/// What one scalar means by YAML 1.2's core schema.
enum YAMLScalar {
    private static let standardTags = "tag:yaml.org,2002:"

    static func value(of scalar: Node.Scalar, file: String) throws(FileProblems) -> JSONValue {
        let tag = scalar.tag.description
        if scalar.style != .plain || tag == standardTags + "str" || tag == "!" { return .string(scalar.string) }
        guard tag.isEmpty || tag.hasPrefix(standardTags) else {
            throw FileProblems(file: file, line: scalar.mark?.line, "the tag \(tag) is not supported")
        }
        switch scalar.string {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".inf", ".Inf", ".INF", "+.inf", "-.inf", ".nan", ".NaN", ".NAN":
            throw FileProblems(file: file, line: scalar.mark?.line, "\(scalar.string) has no place in a workload")
        default: return number(scalar.string) ?? .string(scalar.string)
        }
    }

    /// Whole and decimal numbers keep the digits they were written with; `0x1F` and `0o17` are turned into decimals.
    private static func number(_ text: String) -> JSONValue? {
        if text.hasPrefix("0x"), let value = Int(text.dropFirst(2), radix: 16) { return .int(value) }
        if text.hasPrefix("0o"), let value = Int(text.dropFirst(2), radix: 8) { return .int(value) }
        guard let first = text.utf8.first, first < 0x3A, text.utf8.contains(where: { (0x30...0x39).contains($0) }),
            text.utf8.allSatisfy({ $0 < 0x3A && $0 >= 0x2B && $0 != 0x2C && $0 != 0x2F || $0 == 0x65 || $0 == 0x45 })
        else { return nil }
        if let value = try? JSONValue(parsing: text) { return value }
        if let value = Int(text) { return .int(value) }
        guard let value = Double(text), value.isFinite else { return nil }
        return .double(value)
    }
}

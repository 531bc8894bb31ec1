import FoundationEssentials
package import InferenceKeyWire
import Testing

/// One case of a file in `conformance/`.
package struct ConformanceCase: Sendable, CustomTestStringConvertible {
    package var name: String
    package var given: JSONValue
    package var expect: JSONValue

    package var testDescription: String { name }

    /// The cases of `conformance/<subject>.json`. A file that cannot be read gives one case that fails.
    package static func all(_ subject: String) -> [ConformanceCase] {
        do {
            let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
            let data = try Data(contentsOf: URL(fileURLWithPath: "/\(root)/conformance/\(subject).json"))
            let file = try JSONValue(parsing: data)
            let cases = (file["cases"]?.arrayValue ?? []).map { json in
                ConformanceCase(
                    name: json["name"]?.stringValue ?? "", given: json["given"] ?? .null,
                    expect: json["expect"] ?? .null)
            }
            return cases.isEmpty ? [unreadable(subject, "it has no cases")] : cases
        } catch {
            return [unreadable(subject, "\(error)")]
        }
    }

    /// A member of `given` that is a string.
    package func text(_ key: String) throws -> String { try #require(given[key]?.stringValue, "given.\(key)") }

    private static func unreadable(_ subject: String, _ reason: String) -> ConformanceCase {
        ConformanceCase(name: "\(subject).json cannot be run: \(reason)", given: .null, expect: .null)
    }
}

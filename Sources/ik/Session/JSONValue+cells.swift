import Console
import Fleet
import InferenceKeyWire

extension JSONValue {
    /// A member as the text of a table's cell; empty where it is not there.
    func text(_ key: String) -> String {
        switch self[key] {
        case .string(let text): text
        case .number(let number): number.lexeme
        case .bool(let flag): flag ? "yes" : "no"
        case .array(let items): items.map { $0.stringValue ?? $0.text }.joined(separator: ",")
        case .object(let object): JSONValue.object(object).text
        case .null, nil: ""
        }
    }

    /// A moment as `5m ago`.
    func ago(_ key: String) -> String { moment(key).map { TimeSpan.relative($0, to: .now) } ?? "" }

    /// A moment.
    func moment(_ key: String) -> Timestamp? { self[key]?.stringValue.flatMap(Timestamp.init(rfc3339:)) }

    /// A number of bytes as `1.2 GB`.
    func bytes(_ key: String) -> String { self[key]?.intValue.map { ByteText.text(Int64($0)) } ?? "" }
}

extension [JSONValue] {
    /// The ids of the rows, each cut to what tells it apart from the others.
    func shortIDs(_ key: String = "id") -> [String] {
        let ids = map { $0.text(key) }
        return ids.map { ShortID.prefix(of: $0, among: ids) }
    }
}

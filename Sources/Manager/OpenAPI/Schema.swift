import InferenceKeyWire

/// A JSON Schema (2020-12), as the OpenAPI document shows it.
struct Schema: Sendable {
    let json: JSONValue

    static let string = Schema(json: ["type": "string"])
    static let boolean = Schema(json: ["type": "boolean"])
    static let integer = Schema(json: ["type": "integer"])
    static let anything = Schema(json: [:])
    /// The bytes of a file, in a form.
    static let file = Schema(json: ["type": "string", "contentMediaType": "application/gzip"])
    static let time = Schema(json: ["type": "string", "format": "date-time"])
    /// An object whose members are the caller's own.
    static let map = Schema(json: ["type": "object"])

    static func integer(_ range: ClosedRange<Int>) -> Schema {
        Schema(json: ["type": "integer", "minimum": .int(range.lowerBound), "maximum": .int(range.upperBound)])
    }

    static func string(maxLength: Int, pattern: String? = nil) -> Schema {
        var object: JSONObject = ["type": "string", "minLength": 1, "maxLength": .int(maxLength)]
        object["pattern"] = pattern.map { .string($0) }
        return Schema(json: .object(object))
    }

    static func choice<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) -> Schema
    where Choice.RawValue == String {
        Schema(json: ["type": "string", "enum": .array(Choice.allCases.map { .string($0.rawValue) })])
    }

    static func words(_ words: String...) -> Schema {
        Schema(json: ["type": "string", "enum": .array(words.map { .string($0) })])
    }

    static func array(_ element: Schema) -> Schema { Schema(json: ["type": "array", "items": element.json]) }

    static func ref(_ name: String) -> Schema { Schema(json: ["$ref": .string("#/components/schemas/\(name)")]) }

    /// The value, or `null`.
    static func nullable(_ schema: Schema) -> Schema { Schema(json: ["anyOf": [schema.json, ["type": "null"]]]) }

    /// What a request may hold: nothing but these.
    static func body(required: [String] = [], _ members: (String, Schema)...) -> Schema {
        object(members, required: required, isClosed: true)
    }

    /// What an answer holds, at least: clients must tolerate more.
    static func answer(_ members: (String, Schema)...) -> Schema {
        object(members, required: members.map(\.0), isClosed: false)
    }

    private static func object(_ members: [(String, Schema)], required: [String], isClosed: Bool) -> Schema {
        var object: JSONObject = [
            "type": "object", "properties": .object(JSONObject(members.map { ($0.0, $0.1.json) })),
        ]
        if !required.isEmpty { object["required"] = .array(required.map { .string($0) }) }
        if isClosed { object["additionalProperties"] = false }
        return Schema(json: .object(object))
    }

    func described(_ text: String) -> Schema {
        var object = json.objectValue ?? [:]
        object["description"] = .string(text)
        return Schema(json: .object(object))
    }
}

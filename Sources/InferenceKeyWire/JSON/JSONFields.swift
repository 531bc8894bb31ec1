/// Reads the members of a JSON object one by one, collects what is wrong with each, and refuses the members nobody
/// asked for.
///
/// ```swift
/// var fields = JSONFields(object)
/// let name = fields.string("name", required: true)
/// try fields.finish()
/// ```
package struct JSONFields {
    private let object: JSONObject
    private var known: [String] = []
    /// What is wrong, by field.
    package private(set) var problems: [String: String] = [:]

    package init(_ object: JSONObject) { self.object = object }

    /// A body that is no object is one problem, under the field `body`.
    package init(_ value: JSONValue) {
        if case .object(let object) = value {
            self.init(object)
        } else {
            self.init(JSONObject())
            problems["body"] = "must be a JSON object, not \(value.kindName)"
        }
    }

    /// Whether the key is there at all, be it `null`.
    package func has(_ key: String) -> Bool { object[key] != nil }

    package mutating func value(_ key: String) -> JSONValue? {
        known.append(key)
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    package mutating func string(_ key: String, required: Bool = false, maxBytes: Int = 65_536) -> String? {
        guard let text = typed(key, required, "a string", { $0.stringValue }) else { return nil }
        if required, text.allSatisfy(\.isWhitespace) { problems[key] = "must not be blank" }
        if text.utf8.count > maxBytes { problems[key] = "must not be longer than \(maxBytes) bytes" }
        return text
    }

    package mutating func int(_ key: String, required: Bool = false, in range: ClosedRange<Int>? = nil) -> Int? {
        guard let number = typed(key, required, "a whole number", { $0.intValue }) else { return nil }
        if let range, !range.contains(number) {
            problems[key] = "must be from \(range.lowerBound) to \(range.upperBound)"
        }
        return number
    }

    package mutating func double(_ key: String, required: Bool = false) -> Double? {
        typed(key, required, "a number") { $0.doubleValue }
    }

    package mutating func bool(_ key: String, required: Bool = false) -> Bool? {
        typed(key, required, "true or false") { $0.boolValue }
    }

    package mutating func object(_ key: String, required: Bool = false) -> JSONObject? {
        typed(key, required, "an object") { $0.objectValue }
    }

    package mutating func array(_ key: String, required: Bool = false) -> [JSONValue]? {
        typed(key, required, "an array") { $0.arrayValue }
    }

    package mutating func strings(_ key: String, required: Bool = false) -> [String]? {
        typed(key, required, "an array of strings") { value in
            guard let items = value.arrayValue else { return nil }
            let texts = items.compactMap(\.stringValue)
            return texts.count == items.count ? texts : nil
        }
    }

    /// A time in RFC 3339, such as `2026-11-24T08:00:00Z`.
    package mutating func timestamp(_ key: String, required: Bool = false) -> Timestamp? {
        typed(key, required, "a time such as 2026-11-24T08:00:00Z") { $0.stringValue.flatMap(Timestamp.init(rfc3339:)) }
    }

    /// One of an enumeration's wire strings.
    package mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Choice.Type, required: Bool = false
    ) -> Choice? where Choice.RawValue == String {
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return typed(key, required, "one of \(names)") { $0.stringValue.flatMap(Choice.init(rawValue:)) }
    }

    package mutating func reject(_ key: String, _ reason: String) { problems[key] = reason }

    /// Throws what is wrong, unknown fields included; call it last.
    package mutating func finish(allowingUnknown: Bool = false) throws(FieldErrors) {
        if !allowingUnknown {
            for key in object.keys where !known.contains(key) {
                let hint = Suggestion.nearest(to: key, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
                problems[key] = "unknown field\(hint)"
            }
        }
        if !problems.isEmpty { throw FieldErrors(fields: problems) }
    }

    private mutating func typed<Value>(
        _ key: String, _ required: Bool, _ expected: String, _ read: (JSONValue) -> Value?
    ) -> Value? {
        guard let value = value(key) else {
            if required, problems["body"] == nil { problems[key] = "is required" }
            return nil
        }
        guard let result = read(value) else {
            problems[key] = "must be \(expected), not \(value.kindName == expected ? "this value" : value.kindName)"
            return nil
        }
        return result
    }
}

/// What is wrong with a request, by field.
package struct FieldErrors: Error, Sendable, Equatable {
    package let fields: [String: String]

    package init(fields: [String: String]) { self.fields = fields }
    package init(_ field: String, _ reason: String) { fields = [field: reason] }

    /// `field: reason` of every field, sorted, in one line.
    package var summary: String {
        fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
    }
}

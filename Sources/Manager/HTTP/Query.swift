import InferenceKeyWire

/// A query parameter that a route takes.
struct QueryParameter: Sendable {
    let name: String
    let schema: Schema
    let summary: String

    init(_ name: String, _ schema: Schema, _ summary: String) {
        self.name = name
        self.schema = schema
        self.summary = summary
    }

    /// How many at most, and after which one.
    static func page(after what: String) -> [QueryParameter] {
        [
            QueryParameter("limit", .integer(1...Query.maxLimit), "At most this many."),
            QueryParameter("after", .string, "Only those after this \(what)."),
        ]
    }
}

/// What stands after the `?` of a request. Names that the route does not take are refused: a filter with a slip in its
/// name would otherwise silently match everything.
struct Query: Sendable {
    static let maxLimit = 1000
    private var values: [String: String] = [:]

    init(_ text: String?, allowing parameters: [QueryParameter]) throws(ServiceError) {
        let names = Set(parameters.map(\.name))
        var problems: [String: String] = [:]
        for part in (text ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let spaced = pair.map { $0.map { $0 == "+" ? " " : String($0) }.joined() }
            guard let name = PercentCoding.decode(spaced[0]), let value = PercentCoding.decode(spaced.last ?? "") else {
                throw ServiceError(.invalidRequest, "the query has an escape that is not %XX of UTF-8")
            }
            if !names.contains(name) {
                let hint = Suggestion.nearest(to: name, in: names).map { "; did you mean \"\($0)\"?" } ?? ""
                problems[name] = "unknown query parameter\(hint)"
            } else if values[name] != nil {
                problems[name] = "stands twice in the query"
            }
            values[name] = pair.count == 2 ? value : ""
        }
        guard problems.isEmpty else { throw ServiceError(FieldErrors(fields: problems)) }
    }

    /// The value, unless it is empty.
    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    func int(_ name: String, in range: ClosedRange<Int>) throws(ServiceError) -> Int? {
        guard let text = self[name] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw Self.problem(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// True when it stands there, unless as `false`.
    func flag(_ name: String) throws(ServiceError) -> Bool {
        switch values[name] {
        case nil, "false", "0": false
        case "", "true", "1": true
        default: throw Self.problem(name, "must be true or false")
        }
    }

    /// A day, such as `2026-11-24`.
    func day(_ name: String) throws(ServiceError) -> String? {
        guard let text = self[name] else { return nil }
        guard Timestamp(rfc3339: "\(text)T00:00:00Z") != nil else {
            throw Self.problem(name, "must be a day such as 2026-11-24")
        }
        return text
    }

    func limit() throws(ServiceError) -> Int? { try int("limit", in: 1...Self.maxLimit) }

    private static func problem(_ name: String, _ reason: String) -> ServiceError {
        ServiceError(FieldErrors(name, reason))
    }
}

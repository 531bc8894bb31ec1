import Transport

/// A JSON answer that results are read from.
struct JSONAnswer {
    var head: HTTPHead
    var json: JSONValue

    /// A number that a `Double` holds: `1e999` is none.
    static func finite(_ value: JSONValue) -> Double? { value.doubleValue.flatMap { $0.isFinite ? $0 : nil } }

    func missing(_ what: String) -> InferenceKeyError { .unexpected(head, "the answer has no \(what)") }
}

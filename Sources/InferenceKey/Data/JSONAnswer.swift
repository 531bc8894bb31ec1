import Transport

/// A JSON answer that results are read from.
struct JSONAnswer {
    var head: HTTPHead
    var json: JSONValue

    func missing(_ what: String) -> InferenceKeyError { .unexpected(head, "the answer has no \(what)") }
}

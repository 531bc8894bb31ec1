import Transport

/// A whole generated text.
public struct TextResult: Sendable, Hashable {
    /// The answer as it came.
    package let data: String
    private let places: TextPlaces

    public var text: String { TextPlaces.value(places.text, in: data)?.stringValue ?? "" }
    public var model: String { TextPlaces.value(places.model, in: data)?.stringValue ?? "" }
    /// Such as `stop` or `length`.
    public var finishReason: String? { TextPlaces.value(places.finishReason, in: data)?.stringValue }
    public var usage: Usage? { Usage(json: TextPlaces.value(places.usage, in: data)) }

    /// The answer untouched.
    public var raw: JSONValue { (try? JSONValue(parsing: data)) ?? .null }

    /// Where text, model and reason stand in the data, with their quotes.
    package var textPlace: Range<Int>? { places.text }
    package var modelPlace: Range<Int>? { places.model }
    package var finishReasonPlace: Range<Int>? { places.finishReason }

    /// Throws a typed error for an answer that is not JSON, or holds no text.
    init(_ answer: HTTPAnswer) throws(InferenceKeyError) {
        guard let data = String(validating: answer.body, as: UTF8.self), let places = TextPlaces(data) else {
            _ = try answer.json()
            throw .unexpected(answer.head, "the answer was not JSON")
        }
        guard places.hasChoice else { throw .unexpected(answer.head, "the answer has no choices") }
        self.data = data
        self.places = places
    }
}

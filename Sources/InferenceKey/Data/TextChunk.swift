/// A piece of a text as it is generated.
public struct TextChunk: Sendable, Hashable {
    /// The event's data as it came.
    package let data: String
    private let places: TextPlaces

    /// May be empty, as in the piece that carries the usage.
    public var text: String { TextPlaces.value(places.text, in: data)?.stringValue ?? "" }
    public var finishReason: String? { TextPlaces.value(places.finishReason, in: data)?.stringValue }
    public var usage: Usage? { Usage(json: TextPlaces.value(places.usage, in: data)) }

    /// The event's data untouched.
    public var raw: JSONValue { (try? JSONValue(parsing: data)) ?? .null }

    /// Where text and reason stand in the data, with their quotes.
    package var textPlace: Range<Int>? { places.text }
    package var finishReasonPlace: Range<Int>? { places.finishReason }

    /// Whether the data tells that the stream has failed.
    var isFailure: Bool { TextPlaces.value(places.error, in: data).map { !$0.isNull } ?? false }

    /// Nil for data that is not JSON.
    package init?(data: String) {
        guard let places = TextPlaces(data) else { return nil }
        self.data = data
        self.places = places
    }
}

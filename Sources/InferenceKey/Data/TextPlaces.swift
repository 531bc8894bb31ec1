import InferenceKeyWire

/// Where what a result or a chunk says stands in the JSON that brought it. The rest is looked at for being JSON, and kept as
/// it came: most callers never ask for it.
struct TextPlaces: Sendable, Hashable {
    /// Of `message` or `delta`, with its quotes.
    private var content: Range<Int>?
    /// Of the older completions.
    private var plain: Range<Int>?
    var hasChoice = false
    var model: Range<Int>?
    var finishReason: Range<Int>?
    var usage: Range<Int>?
    var error: Range<Int>?

    var text: Range<Int>? { content ?? plain }

    /// Nil for what is not JSON.
    init?(_ data: String) {
        var data = data
        var places = TextPlaces()
        let verdict: Bool? = data.withUTF8 { bytes in
            var skimmer = JSONSkimmer(bytes)
            do throws(JSONSkimmer.Malformed) {
                try places.read(&skimmer)
                try skimmer.end()
                return skimmer.isCertain ? true : nil
            } catch { return false }
        }
        guard verdict ?? ((try? JSONValue(parsing: data)) != nil) else { return nil }
        self = places
    }

    private init() {}

    /// The value that stands at a place.
    static func value(_ place: Range<Int>?, in data: String) -> JSONValue? {
        guard let place else { return nil }
        var data = data
        return data.withUTF8 { try? JSONValue(parsing: UnsafeBufferPointer(rebasing: $0[place])) }
    }

    private mutating func read(_ skimmer: inout JSONSkimmer) throws(JSONSkimmer.Malformed) {
        guard try skimmer.peekValue() == UInt8(ascii: "{") else {
            try skimmer.value()
            return
        }
        try skimmer.object { skimmer, key throws(JSONSkimmer.Malformed) in
            let first = try skimmer.peekValue()
            if key.spells("choices"), first == UInt8(ascii: "[") {
                try skimmer.array { skimmer, number throws(JSONSkimmer.Malformed) in
                    if number == 0 { try readChoice(&skimmer) } else { try skimmer.value() }
                }
                return
            }
            let place = try skimmer.value()
            if key.spells("usage") { usage = place }
            if key.spells("error") { error = place }
            if key.spells("model"), first == UInt8(ascii: "\"") { model = place }
        }
    }

    private mutating func readChoice(_ skimmer: inout JSONSkimmer) throws(JSONSkimmer.Malformed) {
        hasChoice = true
        guard try skimmer.peekValue() == UInt8(ascii: "{") else {
            try skimmer.value()
            return
        }
        try skimmer.object { skimmer, key throws(JSONSkimmer.Malformed) in
            let first = try skimmer.peekValue()
            if first == UInt8(ascii: "{"), key.spells("delta") || key.spells("message") {
                try skimmer.object { skimmer, key throws(JSONSkimmer.Malformed) in
                    let isText = try skimmer.peekValue() == UInt8(ascii: "\"")
                    let place = try skimmer.value()
                    if isText, key.spells("content") { content = place }
                }
                return
            }
            let place = try skimmer.value()
            guard first == UInt8(ascii: "\"") else { return }
            if key.spells("text") { plain = place }
            if key.spells("finish_reason") { finishReason = place }
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    fileprivate func spells(_ word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index] != word.utf8Start[index] { return false }
        return true
    }
}

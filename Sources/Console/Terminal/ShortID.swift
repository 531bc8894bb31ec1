import InferenceKeyWire

/// Ids cut to what tells them apart, and found again by it.
package enum ShortID {
    /// Characters kept after the noun's prefix even where fewer would do.
    private static let minLength = 8

    /// The shortest prefix of `id` that no other id of `others` begins with.
    package static func prefix(of id: String, among others: some Sequence<String>) -> String {
        let nounLength = id.firstIndex(of: "_").map { id.distance(from: id.startIndex, to: $0) + 1 } ?? 0
        var length = nounLength + minLength
        for other in others where other != id {
            length = max(length, zip(id, other).prefix { $0 == $1 }.count + 1)
        }
        return String(id.prefix(length))
    }

    /// The one id that is `text` or begins with it. The noun's prefix may be left out, letters may be of either case.
    package static func resolve(_ text: String, in ids: [String], noun: String) throws(CommandFailure) -> String {
        if ids.contains(text) { return text }
        let wanted = text.lowercased()
        let found = ids.filter { id in
            let lowered = id.lowercased()
            let bare = lowered.split(separator: "_", maxSplits: 1).last.map(String.init) ?? lowered
            return lowered.hasPrefix(wanted) || bare.hasPrefix(wanted)
        }
        switch found.count {
        case 1: return found[0]
        case 0: throw CommandFailure(.notFound, "there is no \(noun) \"\(text)\"")
        default:
            let names = found.prefix(5).joined(separator: ", ")
            throw CommandFailure(
                .wrongUsage, "\"\(text)\" could be any of \(found.count) \(noun)s",
                why: names + (found.count > 5 ? ", …" : ""), next: "give more of its id")
        }
    }
}

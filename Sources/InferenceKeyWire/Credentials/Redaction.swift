/// Keeps secrets out of whatever is shown.
public enum Redaction {
    /// A credential as it may be shown: `ik_sdk_a1b2c3d4…`, or `ik…` for anything that does not parse as one.
    public static func redact(_ credential: String) -> String {
        Credential(credential).map(\.description) ?? "ik…"
    }

    /// `text` with every credential in it redacted, and the values of well-known third-party tokens (`hf_…`, `sk-…`,
    /// `whsec_…`) replaced.
    public static func scrub(_ text: String) -> String {
        guard text.utf8.count > 8 else { return text }
        var out = ""
        var rest = text[...]
        while let mark = nextMark(in: rest) {
            out += rest[..<mark.range.lowerBound] + mark.replacement
            rest = rest[mark.range.upperBound...]
        }
        return out + rest
    }

    /// Whether `text` is, contains or begins like a credential of ours, so that it must not stand in a spec.
    package static func holdsSecret(_ text: String) -> Bool {
        let openings: [CredentialKind] = [.data, .control, .operatorKey]
        if openings.contains(where: { text.hasPrefix($0.prefix) }) { return true }
        var rest = text[...]
        while let start = firstOccurrence(of: "ik_", in: rest) {
            let tail = rest[start...]
            for kind in CredentialKind.allCases where tail.hasPrefix(kind.prefix) {
                let length = kind.prefix.count + Credential.idLength + 1 + Credential.secretLength
                if Credential(tail.prefix(length)) != nil { return true }
            }
            rest = rest[rest.index(after: start)...]
        }
        return false
    }

    private struct Mark {
        var range: Range<Substring.Index>
        var replacement: String
    }

    private static let foreign = ["hf_", "sk-", "whsec_"]

    private static func nextMark(in text: Substring) -> Mark? {
        var index = text.startIndex
        while index < text.endIndex {
            if "ihsw".contains(text[index]), let mark = mark(at: index, in: text) { return mark }
            index = text.index(after: index)
        }
        return nil
    }

    /// Whether a word begins here: nothing, no letter and no digit stands before it, or a percent-encoded byte.
    private static func startsWord(after text: Substring) -> Bool {
        guard let last = text.last, last.isLetter || last.isNumber else { return true }
        let escape = text.suffix(3)
        return escape.count == 3 && escape.first == "%" && escape.dropFirst().allSatisfy(\.isHexDigit)
    }

    /// Ours are hidden wherever they stand; the short prefixes of others mean something at the start of a word alone.
    private static func mark(at start: Substring.Index, in text: Substring) -> Mark? {
        let tail = text[start...]
        let word = tail.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
        let range = start..<word.endIndex
        if let kind = CredentialKind.allCases.first(where: { word.hasPrefix($0.prefix) }) {
            let secretive = word.dropFirst(kind.prefix.count)
            guard secretive.count > Credential.idLength else { return nil }
            let id = secretive.prefix(Credential.idLength)
            return Mark(range: range, replacement: Credential.isHex(id) ? "\(kind.prefix)\(id)…" : "ik…")
        }
        if let prefix = foreign.first(where: { word.hasPrefix($0) }), word.count >= prefix.count + 16,
            startsWord(after: text[..<start])
        {
            return Mark(range: range, replacement: prefix + "…")
        }
        return nil
    }

    private static func firstOccurrence(of needle: String, in text: Substring) -> Substring.Index? {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix(needle) { return index }
            index = text.index(after: index)
        }
        return nil
    }
}

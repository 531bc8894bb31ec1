/// The pattern of a route's path; a segment that begins with `:` takes one segment under that name.
struct RoutePath: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    enum Segment: Sendable, Hashable {
        case word(String)
        case parameter(String)
    }

    let description: String
    let segments: [Segment]

    init(stringLiteral text: String) {
        description = text
        segments = text.split(separator: "/").map { part in
            part.hasPrefix(":") ? .parameter(String(part.dropFirst())) : .word(String(part))
        }
    }

    var parameterNames: [String] {
        segments.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
    }

    /// The values of the parameters, if the pattern takes these segments.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var values: [String: String] = [:]
        for (segment, value) in zip(segments, path) {
            switch segment {
            case .word(let word): guard word == value else { return nil }
            case .parameter(let name): values[name] = value
            }
        }
        return values
    }

    /// The segments of a request's path, decoded; nil for one that no route can have: empty segments, dots, escapes that
    /// hide a slash or a control character, anything that is no UTF-8.
    static func segments(of path: String) -> [String]? {
        guard path.hasPrefix("/"), path.utf8.count <= 2048 else { return nil }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        var out: [String] = []
        for part in parts {
            guard let text = PercentCoding.decode(part), !text.isEmpty, text != ".", text != "..",
                !text.unicodeScalars.contains(where: { $0 == "/" || $0 == "\\" || $0.value < 0x20 || $0.value == 0x7F })
            else { return nil }
            out.append(text)
        }
        return out
    }
}

/// The `Link` header of a paged answer.
enum LinkHeader {
    /// The path of the next page: `</api/…?after=x>; rel="next"`. A link to another host is not followed.
    static func next(in value: String?) -> String? {
        for link in value?.split(separator: ",") ?? [] {
            let parts = link.split(separator: ";").map { $0.drop { $0 == " " } }
            guard let target = parts.first, target.hasPrefix("</"), target.hasSuffix(">"),
                parts.dropFirst().contains(where: { $0 == "rel=\"next\"" || $0 == "rel=next" })
            else { continue }
            return String(target.dropFirst().dropLast())
        }
        return nil
    }
}

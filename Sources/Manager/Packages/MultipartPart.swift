/// The head of one part of a form: its name, and whether it is a file.
struct MultipartPart: Sendable, Hashable {
    let name: String
    let fileName: String?

    init(head: [UInt8]) throws(MultipartFault) {
        let text = String(decoding: head, as: UTF8.self)
        let line = text.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-disposition:") }
        guard let line, line.lowercased().contains("form-data"), let name = Self.parameter("name", of: line) else {
            throw .malformed("a part has no content-disposition: form-data with a name")
        }
        self.name = name
        fileName = Self.parameter("filename", of: line)
    }

    /// The boundary that a content type names; nil when it is no form, or the boundary is none.
    static func boundary(of contentType: String) -> String? {
        let media = contentType.prefix { $0 != ";" }.lowercased()
        guard media.split(separator: " ").joined() == "multipart/form-data",
            let boundary = parameter("boundary", of: contentType[...]),
            (1...MultipartReader.maxBoundaryBytes).contains(boundary.utf8.count),
            boundary.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }), boundary.utf8.last != 0x20
        else { return nil }
        return boundary
    }

    /// A parameter behind a semicolon, quoted or not.
    private static func parameter(_ name: String, of line: Substring) -> String? {
        var rest = line.drop { $0 != ";" }
        while rest.first == ";" {
            rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
            let key = rest.prefix { $0 != "=" && $0 != ";" }
            rest = rest.dropFirst(key.count)
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst()
            let value = quoted(&rest) ?? String(rest.prefix { $0 != ";" && $0 != " " })
            if key.lowercased() == name { return value }
            rest = rest.drop { $0 != ";" }
        }
        return nil
    }

    /// Takes a quoted string from the front of `rest`.
    private static func quoted(_ rest: inout Substring) -> String? {
        guard rest.first == "\"" else { return nil }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
            if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
                value.append(rest.removeFirst())
            } else {
                value.append(character)
            }
        }
        return value
    }
}

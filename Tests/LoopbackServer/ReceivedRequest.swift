/// A request as it came in over the wire.
package struct ReceivedRequest: Sendable {
    package var method: String
    package var target: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// Which connection brought it, counted from 0.
    package var connection: Int
    /// Every byte of it.
    package var wire: [UInt8]

    package var bodyText: String { String(decoding: body, as: UTF8.self) }
    package var path: String { String(target.prefix { $0 != "?" }) }

    package subscript(name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

extension ReceivedRequest {
    /// Cuts the first whole request off `bytes`; nil while it is not all there.
    init?(from bytes: inout [UInt8], connection: Int) {
        let separator: [UInt8] = [13, 10, 13, 10]
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: separator) }) else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return (String(line[..<colon]), String(value))
        }
        let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        let whole = end + separator.count + length
        guard bytes.count >= whole, words.count == 3 else { return nil }
        self.init(
            method: String(words[0]), target: String(words[1]), headers: headers,
            body: Array(bytes[(end + separator.count)..<whole]), connection: connection, wire: Array(bytes[..<whole]))
        bytes.removeFirst(whole)
    }
}

/// The header list of an HTTP/2 request as the head of an HTTP/1.1 request, for the one parser that judges both.
///
/// Nothing may pass here that would stand for more in HTTP/1.1 than it did in HTTP/2: control characters, spaces in a
/// target, fields that speak of one hop alone. RFC 9113 sections 8.2 and 8.3.
struct HTTP2RequestHead {
    /// All of it, with its empty line.
    private(set) var text = ""
    private(set) var isHead = false
    /// The body must be put into chunks: nobody has said how long it is.
    private(set) var addsChunks = false

    /// Throws for what has no form in HTTP/1.1.
    init(_ list: some Sequence<(name: String, value: String)>, hasBody: Bool) throws(HeadFault) {
        var pseudo = Pseudo()
        var fields = ""
        var cookies: [String] = []
        var saysLength = false
        for (name, value) in list {
            guard Self.isValue(value) else { throw .fieldValue }
            switch name {
            case ":method": pseudo.method = value
            case ":path": pseudo.path = value
            case ":authority": pseudo.authority = value
            case ":scheme": break
            case "host": try pseudo.take(host: value)
            case "connection", "keep-alive", "proxy-connection", "upgrade": throw .hopField
            case "transfer-encoding": throw .transferEncoding
            case "te": break
            case "cookie": cookies.append(value)
            default:
                guard Self.isName(name) else { throw .fieldName }
                if name == "content-length" { saysLength = true }
                Self.write(name, value, into: &fields)
            }
        }
        // One list may carry it in pieces, one head may not.
        if !cookies.isEmpty { Self.write("cookie", cookies.joined(separator: "; "), into: &fields) }
        isHead = pseudo.method == "HEAD"
        addsChunks = hasBody && !saysLength
        if addsChunks { fields += "transfer-encoding: chunked\r\n" }
        try pseudo.write(into: &text)
        text += fields
        text += "\r\n"
    }

    private static func write(_ name: String, _ value: String, into fields: inout String) {
        fields += name
        fields += ": "
        fields += value
        fields += "\r\n"
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { ByteClass.isToken($0) && !(0x41...0x5A).contains($0) }
    }

    private static func isValue(_ value: String) -> Bool {
        var value = value
        return value.withUTF8 { ByteClass.isValue(UnsafeRawBufferPointer($0)) }
    }
}

/// What stands in the first two lines of the head.
private struct Pseudo {
    var method = ""
    var path = ""
    var authority: String?
    private var host: String?

    mutating func take(host value: String) throws(HeadFault) {
        guard host == nil else { throw .repeatedHost }
        host = value
    }

    func write(into text: inout String) throws(HeadFault) {
        guard !method.isEmpty, method.utf8.allSatisfy(ByteClass.isToken) else { throw .requestLine }
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.allSatisfy(ByteClass.isTarget) else { throw .target }
        if let host, let authority, host != authority { throw .repeatedHost }
        guard let name = authority ?? host else { throw .missingHost }
        text += "\(method) \(path) HTTP/1.1\r\nhost: \(name)\r\n"
    }
}

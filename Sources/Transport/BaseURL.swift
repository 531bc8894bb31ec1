/// Where a server is: `http://127.0.0.1:8080`, `https://keys.example.org/inference`. Holds no credentials and no query.
package struct BaseURL: Sendable, Hashable, CustomStringConvertible {
    package let isSecure: Bool
    /// Lower case; an IPv6 address stands without its brackets.
    package let host: String
    package let port: Int
    /// Without a trailing slash; empty for the root.
    package let path: String
    /// The value of a `Host` header.
    let authority: String

    /// Nil unless `text` is an absolute `http` or `https` URL without user, query or fragment.
    package init?(_ text: String) {
        guard let (isSecure, rest) = Self.scheme(of: text) else { return nil }
        let authority = rest.prefix { $0 != "/" }
        guard let (host, port) = Self.hostAndPort(authority) else { return nil }
        let path = rest.dropFirst(authority.count)
        guard path.utf8.allSatisfy(Self.isPathByte) else { return nil }
        self.isSecure = isSecure
        self.host = host.lowercased()
        self.port = port ?? (isSecure ? 443 : 80)
        self.authority = Self.authority(self.host, self.port, isSecure: isSecure)
        self.path = Self.trimmingSlashes(path)
    }

    /// The URL in its one spelling: default ports left out, no trailing slash.
    package var text: String { "\(isSecure ? "https" : "http")://\(authority)\(path)" }

    package var description: String { text }

    /// A text that was given as a URL, as it may be shown: without a user, a password or a query.
    package static func hidingSecrets(in text: String) -> String {
        var shown = text[...]
        var query = ""
        if let mark = shown.firstIndex(where: { $0 == "?" || $0 == "#" }) {
            query = "\(shown[mark])…"
            shown = shown[..<mark]
        }
        guard let at = shown.lastIndex(of: "@") else { return shown + query }
        let scheme = self.scheme(of: String(shown)).map { $0.isSecure ? "https://" : "http://" } ?? ""
        return "\(scheme)…\(shown[at...])\(query)"
    }

    private static func authority(_ host: String, _ port: Int, isSecure: Bool) -> String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    private static func scheme(of text: String) -> (isSecure: Bool, rest: Substring)? {
        for (scheme, isSecure) in [("http://", false), ("https://", true)]
        where text.prefix(scheme.count).lowercased() == scheme {
            return (isSecure, text.dropFirst(scheme.count))
        }
        return nil
    }

    private static func hostAndPort(_ authority: Substring) -> (host: Substring, port: Int?)? {
        var host = authority
        var port: Int?
        let portMark = authority.lastIndex(of: ":")
        if let portMark, !authority[portMark...].contains("]") {
            let digits = authority[authority.index(after: portMark)...]
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
                (1...65_535).contains(number)
            else { return nil }
            host = authority[..<portMark]
            port = number
        }
        if host.first == "[" {
            host = host.dropFirst()
            guard host.popLast() == "]", host.contains(":"), host.utf8.allSatisfy(isAddressByte) else { return nil }
        } else {
            guard !host.isEmpty, host.utf8.allSatisfy(isNameByte) else { return nil }
        }
        return (host, port)
    }

    private static func trimmingSlashes(_ path: Substring) -> String {
        var path = path
        while path.last == "/" { path.removeLast() }
        return String(path)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        HTTPSyntax.isAlphanumeric(byte) || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains(byte)
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        HTTPSyntax.isAlphanumeric(byte) || [UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "%")].contains(byte)
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        HTTPSyntax.isTargetByte(byte) && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#")
    }
}

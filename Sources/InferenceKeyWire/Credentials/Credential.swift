/// A credential in clear: `<prefix>_<8 hex id>_<64 hex secret>`. Printing it shows only its redacted form.
public struct Credential: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    public let kind: CredentialKind
    /// Eight hex digits; public.
    public let id: String
    /// 64 hex digits, 256 random bits.
    package let secret: String

    package static let idLength = 8
    package static let secretLength = 64

    /// Reads a credential; nil for anything that does not have exactly its shape.
    public init?(_ text: some StringProtocol) {
        guard let kind = CredentialKind.allCases.first(where: { text.hasPrefix($0.prefix) }) else { return nil }
        let rest = text.dropFirst(kind.prefix.count)
        guard rest.utf8.count == Self.idLength + 1 + Self.secretLength else { return nil }
        let id = rest.prefix(Self.idLength)
        let tail = rest.dropFirst(Self.idLength)
        guard tail.first == "_", Self.isHex(id), Self.isHex(tail.dropFirst()) else { return nil }
        self.init(kind: kind, id: String(id), secret: String(tail.dropFirst()))
    }

    package init(kind: CredentialKind, id: String, secret: String) {
        self.kind = kind
        self.id = id
        self.secret = secret
    }

    /// The whole credential, for the one moment it is shown and for the header it travels in.
    package var revealed: String { "\(kind.prefix)\(id)_\(secret)" }

    public var description: String { "\(kind.prefix)\(id)…" }
    public var debugDescription: String { description }

    static func isHex(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
    }
}

extension Credential: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

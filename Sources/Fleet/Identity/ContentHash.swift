import Crypto
import InferenceKeyWire

/// The SHA-256 of a file: what it is stored under, and how a copy of it is checked.
package struct ContentHash: Sendable, Hashable {
    package let hex: String

    package init?(hex: String) {
        guard let bytes = Hex.decode(hex), bytes.count == 32 else { return nil }
        self.hex = Hex.encode(bytes)
    }

    /// Takes a file piece by piece.
    package struct Builder: Sendable {
        private var hasher = SHA256()

        package init() {}

        package mutating func add(_ bytes: [UInt8]) { hasher.update(data: bytes) }

        package var hash: ContentHash { ContentHash(digest: hasher.finalize()) }
    }

    private init(digest: SHA256.Digest) { hex = Hex.encode(Array(digest)) }
}

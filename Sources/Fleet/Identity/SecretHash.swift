import Crypto
package import InferenceKeyWire

/// What is stored of a secret: its SHA-256.
package struct SecretHash: Sendable, Hashable {
    package let bytes: [UInt8]

    package init(of credential: Credential) { bytes = Array(SHA256.hash(data: Array(credential.secret.utf8))) }

    package init?(hex: String) {
        guard let bytes = Hex.decode(hex), bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    package var hex: String { Hex.encode(bytes) }

    /// Compares in a time that does not depend on where they differ.
    package func matches(_ other: SecretHash) -> Bool {
        var difference: UInt8 = 0
        for (left, right) in zip(bytes, other.bytes) { difference |= left ^ right }
        return difference == 0
    }

    /// Whether `secret` is what was hashed, in a time that does not depend on where the hashes differ. Copies nothing.
    package func matches(secret: UnsafeRawBufferPointer) -> Bool {
        var hasher = SHA256()
        hasher.update(bufferPointer: secret)
        return hasher.finalize().withUnsafeBytes { digest in
            var difference: UInt8 = digest.count == bytes.count ? 0 : 1
            for index in 0..<min(digest.count, bytes.count) { difference |= digest[index] ^ bytes[index] }
            return difference == 0
        }
    }
}

/// The secret of an installation from which the engine keys of replicas are derived. Never stored in the database.
package struct InstallationSecret: Sendable {
    private let key: SymmetricKey

    package static let byteCount = 32

    /// `bytes` are the 32 of the installation's secret file.
    package init(bytes: [UInt8]) { key = SymmetricKey(data: bytes) }

    /// The key that one replica's engine asks of its callers.
    package func engineKey(for replica: ReplicaID) -> String {
        Hex.encode(HMAC<SHA256>.authenticationCode(for: Array("replica:\(replica)".utf8), using: key))
    }
}

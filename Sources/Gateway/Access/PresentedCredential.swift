import Fleet
import InferenceKeyWire

/// The credential a request carries, as places in its bytes: a data key is not copied out.
enum PresentedCredential {
    case absent
    case malformed
    /// Well formed, but it opens another plane.
    case otherPlane
    case dataKey(id: UInt32, secret: UnsafeRawBufferPointer)

    /// Reads `Authorization: Bearer …`, or `x-api-key` where there is no `Authorization`.
    init(_ bytes: UnsafeRawBufferPointer, _ head: RequestHead) {
        if let field = head.authorization {
            let value = bytes.part(field)
            guard value.count > 7, value.beginsIgnoringCase(with: "bearer ") else {
                self = .malformed
                return
            }
            self.init(text: value.part(value.trimmed(7..<value.count)))
        } else if let field = head.apiKey {
            self.init(text: bytes.part(field))
        } else {
            self = .absent
        }
    }

    private init(text: UnsafeRawBufferPointer) {
        guard text.count == Self.dataKeyBytes, text.matches("ik_live_", at: 0) else {
            let isOther = text.count < 128 && Credential(String(decoding: text, as: UTF8.self)) != nil
            self = isOther ? .otherPlane : .malformed
            return
        }
        let secret = text.part(17..<Self.dataKeyBytes)
        guard let id = KeyID.number(text.part(8..<16)), text[16] == UInt8(ascii: "_"),
            secret.allSatisfy(KeyID.isHexadecimal)
        else {
            self = .malformed
            return
        }
        self = .dataKey(id: id, secret: secret)
    }

    /// `ik_live_`, 8 digits, `_`, 64 digits.
    private static let dataKeyBytes = 81
}

/// The eight hexadecimal digits of a key's id as a number.
enum KeyID {
    static func number(_ digits: UnsafeRawBufferPointer) -> UInt32? {
        guard digits.count == 8 else { return nil }
        var value: UInt32 = 0
        for byte in digits {
            guard isHexadecimal(byte) else { return nil }
            value = value << 4 | UInt32(byte <= UInt8(ascii: "9") ? byte - UInt8(ascii: "0") : byte - 87)
        }
        return value
    }

    static func number(_ text: String) -> UInt32? { Array(text.utf8).withUnsafeBytes { number($0) } }

    /// A lower-case hexadecimal digit.
    static func isHexadecimal(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") || byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "f")
    }
}

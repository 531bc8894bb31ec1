/// A data key is one only in its one form, and then as it was written.
enum CredentialFuzz {
    static func run(_ bytes: UnsafeRawBufferPointer) {
        check(bytes, authorization: true)
        check(bytes, authorization: false)
        check(Array("Bearer ".utf8) + bytes, authorization: true)
    }

    private static func check(_ bytes: some Collection<UInt8>, authorization: Bool) {
        Array(bytes).withUnsafeBytes { bytes in
            // As the value of a field is: without spaces around it.
            bytes.alone(bytes.trimmed(0..<bytes.count)) { value in
                var head = RequestHead(method: .get, target: 0..<0, length: 0)
                if authorization { head.authorization = 0..<value.count } else { head.apiKey = 0..<value.count }
                guard case .dataKey(let id, let secret) = PresentedCredential(value, head) else { return }
                let text = String(decoding: value, as: UTF8.self)
                let digits = String(id, radix: 16)
                let key = "ik_live_\(String(repeating: "0", count: 8 - digits.count) + digits)_"
                precondition(secret.count == 64 && text.hasSuffix(key + String(decoding: secret, as: UTF8.self)))
            }
        }
    }
}

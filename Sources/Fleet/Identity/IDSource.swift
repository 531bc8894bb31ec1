package import InferenceKeyWire

/// Where ids, secrets and the time come from; injected, so that a test decides all three.
package struct IDSource: Sendable {
    package let now: @Sendable () -> Timestamp
    /// A clock to measure ages by: it begins at the time of day, and no correction of that moves it.
    package let steadyNow: @Sendable () -> Timestamp
    /// Gives that many random bytes.
    package let random: @Sendable (Int) -> [UInt8]

    package init(
        now: @escaping @Sendable () -> Timestamp, steadyNow: (@Sendable () -> Timestamp)? = nil,
        random: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.now = now
        self.steadyNow = steadyNow ?? now
        self.random = random
    }

    /// The system's clock and its secure random numbers.
    package static let system = IDSource(
        now: { .now }, steadyNow: SteadyTime.shared.now,
        random: { count in
            var generator = SystemRandomNumberGenerator()
            return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        })

    package func id<Noun: Identified>(_: Noun.Type = Noun.self) -> ID<Noun> {
        ID("\(Noun.idPrefix)_\(ulid())")
    }

    /// 48 bits of time and 80 random ones in Crockford's base 32: ids sort by the time they were made.
    package func ulid() -> String {
        var value = UInt128(UInt64(max(0, now().milliseconds))) << 80
        for byte in random(10).enumerated() { value |= UInt128(byte.element) << (8 * (9 - byte.offset)) }
        var out = [UInt8](repeating: 0, count: 26)
        for index in stride(from: 25, through: 0, by: -1) {
            out[index] = Self.alphabet[Int(value & 31)]
            value >>= 5
        }
        return String(decoding: out, as: UTF8.self)
    }

    package func credential(_ kind: CredentialKind) -> Credential {
        Credential(kind: kind, id: Hex.encode(random(4)), secret: Hex.encode(random(32)))
    }

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
}

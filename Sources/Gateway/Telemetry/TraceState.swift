/// Checks the value of a `tracestate` header (W3C Trace Context): a list of `key=value`. A list that is none is not
/// passed on; one that is goes on as it stands.
enum TraceState {
    static let maxMembers = 32

    static func isValid(_ text: UnsafeRawBufferPointer) -> Bool {
        var members = 0
        var start = 0
        while start <= text.count {
            let end = text.firstIndex(of: UInt8(ascii: ","), from: start) ?? text.count
            let member = text.trimmed(start..<end)
            // Empty members are allowed, and count for nothing.
            if !member.isEmpty {
                members += 1
                guard members <= maxMembers, isMember(text.part(member)) else { return false }
            }
            start = end + 1
        }
        return members > 0
    }

    private static func isMember(_ member: UnsafeRawBufferPointer) -> Bool {
        guard let equals = member.firstIndex(of: UInt8(ascii: "="), from: 0) else { return false }
        return isKey(member.part(0..<equals)) && isValue(member.part(equals + 1..<member.count))
    }

    /// `vendor`, or `tenant@system`.
    private static func isKey(_ key: UnsafeRawBufferPointer) -> Bool {
        guard let at = key.firstIndex(of: UInt8(ascii: "@"), from: 0) else {
            return key.count <= 256 && isName(key, mayBeginWithDigit: true)
        }
        let (tenant, system) = (key.part(0..<at), key.part(at + 1..<key.count))
        return tenant.count <= 241 && system.count <= 14 && isName(tenant, mayBeginWithDigit: true)
            && isName(system, mayBeginWithDigit: false)
    }

    private static func isName(_ name: UnsafeRawBufferPointer, mayBeginWithDigit: Bool) -> Bool {
        guard let first = name.first, isLetter(first) || mayBeginWithDigit && isDigit(first) else { return false }
        return name.allSatisfy { byte in
            isLetter(byte) || isDigit(byte)
                || [UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/")].contains(byte)
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isValue(_ value: UnsafeRawBufferPointer) -> Bool {
        (1...256).contains(value.count)
            && value.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "=") }
    }
}

import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The cores this process may run on: what the machine has, less what a control group or an affinity takes away.
enum UsableCores {
    static var count: Int {
        let all = max(1, System.coreCount)
        guard let allowed = statusLine("Cpus_allowed:").map(bits(in:)), allowed > 0 else { return all }
        return min(all, allowed)
    }

    /// The set bits of a mask as the kernel writes it, such as `ff,ffffffff`.
    static func bits(in mask: some StringProtocol) -> Int {
        mask.compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
    }

    /// What stands behind `name` in the kernel's description of this process; nil where there is none.
    private static func statusLine(_ name: String) -> Substring? {
        let file = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        let count = read(file, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
        return lines.first { $0.hasPrefix(name) }?.dropFirst(name.count)
    }
}

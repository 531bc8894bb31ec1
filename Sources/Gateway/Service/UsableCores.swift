import Files
import NIOCore

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
        guard let text = FileContent.text("/proc/self/status") else { return nil }
        return text.split(separator: "\n").first { $0.hasPrefix(name) }?.dropFirst(name.count)
    }
}

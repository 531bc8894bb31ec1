import Files
import Glibc

/// The memory of this machine, or of the control group that the agent lives in where that has less.
package struct MachineMemory: Sendable, Hashable {
    package var totalBytes: Int64
    package var freeBytes: Int64

    package init(totalBytes: Int64, freeBytes: Int64) {
        self.totalBytes = totalBytes
        self.freeBytes = freeBytes
    }

    /// What `/proc/meminfo` says.
    package init?(parsing text: String) {
        var values: [Substring: Int64] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split { $0 == ":" || $0 == " " }
            if parts.count >= 2, let kibibytes = Int64(parts[1]) { values[parts[0]] = kibibytes << 10 }
        }
        guard let total = values["MemTotal"] else { return nil }
        self.init(totalBytes: total, freeBytes: values["MemAvailable"] ?? values["MemFree"] ?? total)
    }

    /// The memory within a control group's limit.
    ///
    /// - Parameters:
    ///   - limit: `memory.max`.
    ///   - used: `memory.current`, cached files included.
    ///   - cached: `inactive_file` of `memory.stat`: given back when it is needed.
    package func limited(to limit: Int64?, used: Int64?, cached: Int64?) -> MachineMemory {
        guard let limit, limit < totalBytes else { return self }
        let free = limit - max(0, (used ?? 0) - (cached ?? 0))
        return MachineMemory(totalBytes: limit, freeBytes: max(0, min(freeBytes, free)))
    }

    package static func read() -> MachineMemory? {
        guard let text = FileContent.text("/proc/meminfo"), var memory = MachineMemory(parsing: text) else {
            return nil
        }
        for group in groups(parsing: FileContent.text("/proc/self/cgroup") ?? "") {
            let folder = "/sys/fs/cgroup" + group
            memory = memory.limited(
                to: number(folder + "/memory.max"), used: number(folder + "/memory.current"),
                cached: FileContent.text(folder + "/memory.stat").flatMap { value("inactive_file", in: $0) })
        }
        // The older form of control groups.
        let folder = "/sys/fs/cgroup/memory/memory"
        return memory.limited(
            to: number(folder + ".limit_in_bytes"), used: number(folder + ".usage_in_bytes"),
            cached: FileContent.text(folder + ".stat").flatMap { value("total_inactive_file", in: $0) })
    }

    /// The paths of the agent's control group and of those above it, as `/proc/self/cgroup` names it.
    package static func groups(parsing text: String) -> [String] {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::") }) else { return [""] }
        var path = String(line.dropFirst(3))
        var groups: [String] = [""]
        while path.count > 1 {
            groups.append(path)
            path = Folder.parent(of: path) ?? "/"
        }
        return groups
    }

    private static func number(_ path: String) -> Int64? { FileContent.text(path).flatMap { Int64($0) } }

    private static func value(_ name: String, in text: String) -> Int64? {
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { Int64($0.dropFirst(name.count + 1)) }
    }
}

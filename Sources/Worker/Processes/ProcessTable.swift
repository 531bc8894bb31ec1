import CSpawn
import Files
package import Fleet
import Glibc

/// The processes of this machine, as `/proc` shows them.
package enum ProcessTable {
    /// The variable that every process of a replica carries: its identity for adoption and for the search for leftovers.
    package static let marker = "INFERENCEKEY_REPLICA"

    package static func stat(of process: Int32) -> ProcStat? {
        guard let bytes = FileContent.bytes("/proc/\(process)/stat", maxBytes: 4096) else { return nil }
        return ProcStat(parsing: String(decoding: bytes, as: UTF8.self))
    }

    /// The replica whose marker the process was started with; nil for processes of others.
    package static func replica(of process: Int32) -> ReplicaID? {
        guard let bytes = FileContent.bytes("/proc/\(process)/environ") else { return nil }
        let opening = Array("\(marker)=".utf8)
        let variable = bytes.split(separator: 0).first { $0.starts(with: opening) }
        return variable.map { ID(String(decoding: $0.dropFirst(opening.count), as: UTF8.self)) }
    }

    /// What the process wrote so far, to files and elsewhere.
    package static func bytesWritten(by process: Int32) -> Int64? {
        let lines = FileContent.text("/proc/\(process)/io")?.split(separator: "\n")
        return lines?.first { $0.hasPrefix("wchar: ") }.flatMap { Int64($0.dropFirst("wchar: ".count)) }
    }

    package static var all: [Int32] { Folder.names(in: "/proc").compactMap { Int32($0) } }

    /// Every running process that carries a replica's marker.
    package static func replicas() -> [ReplicaID: [ProcStat]] {
        var found: [ReplicaID: [ProcStat]] = [:]
        for process in all {
            guard let id = replica(of: process), let stat = stat(of: process), !stat.isGone else { continue }
            found[id, default: []].append(stat)
        }
        return found
    }

    /// What still runs of a replica: processes with its marker or in the session that its engine led.
    package static func leftovers(of replica: ReplicaID, session: EngineProcess?) -> [EngineProcess] {
        search(for: replica, session: session).found
    }

    /// As ``leftovers(of:session:)``; `isCertain` is false while some process hides what it is, as it does for a moment
    /// when it loads another program.
    static func search(
        for replica: ReplicaID, session: EngineProcess?
    ) -> (found: [EngineProcess], isCertain: Bool) {
        var found: [EngineProcess] = []
        var isCertain = true
        for process in all where process != getpid() {
            guard let stat = stat(of: process), !stat.isGone else { continue }
            // A session's number can come again only after its last process has ended, so the time tells them apart.
            let isOfSession = session.map { stat.session == $0.id && stat.startTicks >= $0.startTicks } ?? false
            if isOfSession || Self.replica(of: process) == replica {
                found.append(EngineProcess(id: process, startTicks: stat.startTicks))
            } else if stat.isLoading, stat.startTicks >= session?.startTicks ?? 0 {
                isCertain = false
            }
        }
        return (found, isCertain)
    }

    /// Names this run of the machine: a process record of another run means nothing.
    package static let bootID = FileContent.text("/proc/sys/kernel/random/boot_id") ?? ""
}

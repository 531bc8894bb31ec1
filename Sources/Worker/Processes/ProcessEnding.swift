import CSpawn
import Glibc

/// How a process ended.
package enum ProcessEnding: Sendable, Hashable {
    case exited(Int32)
    case killed(signal: Int32)
    /// It was no child of this agent (it was adopted), so nobody told us.
    case unknown

    /// Takes the exit status of a process that has ended.
    init(reaping process: Int32) {
        var ending = cspawn_ending()
        guard cspawn_reap(process, &ending) == 1 else {
            self = .unknown
            return
        }
        self = ending.signal == 0 ? .exited(ending.status) : .killed(signal: ending.signal)
    }
}

extension ProcessEnding: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exited(let status): "the engine exited with status \(status)"
        case .killed(let signal): "the engine was ended by signal \(signal) (\(Self.name(of: signal)))"
        case .unknown: "the engine ended"
        }
    }

    private static func name(of signal: Int32) -> String {
        switch signal {
        case SIGABRT: "SIGABRT"
        case SIGBUS: "SIGBUS"
        case SIGILL: "SIGILL"
        case SIGINT: "SIGINT"
        case SIGKILL: "SIGKILL: it was killed, often because the machine ran out of memory"
        case SIGSEGV: "SIGSEGV"
        case SIGTERM: "SIGTERM"
        default: String(cString: strsignal(signal))
        }
    }
}

import Fleet
import InferenceKeyWire
import Planning
import Synchronization

/// How every workload stood at the last look, and how far each has come.
final class VerdictBook: Sendable {
    private struct Entry {
        /// The record that was judged.
        var revision: Int
        var isDeleting: Bool
        var verdict: WorkloadVerdict
    }

    private struct Progress {
        var revision: Int
        var phase: ReadinessPhase
    }

    private struct State {
        var entries: [WorkloadID: Entry] = [:]
        var furthest: [WorkloadID: Progress] = [:]
    }

    private let state = Mutex(State())

    /// Takes the verdicts of one plan; true when any of them is new.
    func publish(_ verdicts: [WorkloadID: WorkloadVerdict], of fleet: FleetState) -> Bool {
        state.withLock { state in
            var hasChanged = false
            var entries: [WorkloadID: Entry] = [:]
            for (id, verdict) in verdicts {
                guard let workload = fleet.workloads[id] else { continue }
                if state.entries[id]?.verdict != verdict || state.entries[id]?.revision != workload.revision {
                    hasChanged = true
                }
                entries[id] = Entry(
                    revision: workload.revision, isDeleting: workload.deletingSince != nil, verdict: verdict)
            }
            hasChanged = hasChanged || entries.count != state.entries.count
            state.entries = entries
            state.furthest = state.furthest.filter { entries[$0.key] != nil }
            return hasChanged
        }
    }

    /// The last verdict on exactly this revision of the workload, if there is one.
    func verdict(on workload: WorkloadRecord) -> WorkloadVerdict? {
        state.withLock { state in
            guard let entry = state.entries[workload.id], entry.revision == workload.revision,
                entry.isDeleting == (workload.deletingSince != nil)
            else { return nil }
            return entry.verdict
        }
    }

    /// The phase to show: on the way to `ready` never an earlier one than was reached in the same revision, so that a
    /// repeated start does not look like a step back. Reaching `ready` or `error` ends that way; the next begins anew.
    func advance(_ phase: ReadinessPhase, of workload: WorkloadRecord) -> ReadinessPhase {
        state.withLock { state in
            guard !phase.isFinal else {
                state.furthest[workload.id] = nil
                return phase
            }
            var shown = phase
            if let last = state.furthest[workload.id], last.revision == workload.revision {
                shown = max(phase, last.phase, by: \.order)
            }
            state.furthest[workload.id] = Progress(revision: workload.revision, phase: shown)
            return shown
        }
    }

    var counts: [WorkloadStatus: Int] {
        state.withLock { state in
            Dictionary(state.entries.values.map { ($0.verdict.status, 1) }, uniquingKeysWith: +)
        }
    }
}

extension ReadinessPhase {
    fileprivate var order: Int {
        switch self {
        case .scheduling: 0
        case .provisioning: 1
        case .bootstrapping: 2
        case .ready, .error: 3
        }
    }
}

private func max<Value>(_ left: Value, _ right: Value, by key: (Value) -> Int) -> Value {
    key(left) >= key(right) ? left : right
}

package import InferenceKeyWire

/// The progress of several workloads: one line each, in the order they were given.
package struct ProgressBoard: Sendable {
    /// Where lines are not repainted, a workload that moves on without a new step is told again after this long.
    package static let repeatAfterMilliseconds: Int64 = 15_000

    package private(set) var workloads: [WorkloadProgress]
    private var told: [String: Told] = [:]

    private struct Told: Sendable {
        var stage: [String]
        var at: Timestamp
    }

    package init(_ names: [String], began: Timestamp) {
        workloads = names.map { WorkloadProgress(name: $0, began: began) }
    }

    package var isDone: Bool { workloads.allSatisfy { $0.outcome != .waiting } }

    package mutating func note(_ event: ReadinessEvent, of name: String, at now: Timestamp) {
        change(name) { $0.note(event, at: now) }
    }

    package mutating func fail(_ name: String, _ reason: String, at now: Timestamp) {
        change(name) { $0.fail(reason, at: now) }
    }

    /// One line per workload for a terminal of `width` columns.
    package func lines(at now: Timestamp, width: Int, style: Style) -> [String] {
        let column = workloads.map(\.name.count).max() ?? 0
        return workloads.map { workload in
            let name = workload.name + String(repeating: " ", count: column - workload.name.count)
            let clock = TimeSpan.clock(milliseconds: (workload.ended ?? now).milliseconds(since: workload.began))
            let line = Table.cut("\(Self.mark(workload)) \(name)  \(workload.detail)  \(clock)", to: width)
            return Self.paint(line, workload, style)
        }
    }

    /// Lines for a log rather than a terminal: those of workloads that have something new to tell.
    package mutating func news(at now: Timestamp) -> [String] {
        var lines: [String] = []
        for workload in workloads {
            if let last = told[workload.name] {
                let isOld = now.milliseconds(since: last.at) >= Self.repeatAfterMilliseconds
                guard last.stage != workload.stage || (isOld && workload.outcome == .waiting) else { continue }
            }
            told[workload.name] = Told(stage: workload.stage, at: now)
            let clock = TimeSpan.clock(milliseconds: (workload.ended ?? now).milliseconds(since: workload.began))
            lines.append("\(clock)  \(workload.name)  \(workload.detail)")
        }
        return lines
    }

    private mutating func change(_ name: String, _ body: (inout WorkloadProgress) -> Void) {
        if let index = workloads.firstIndex(where: { $0.name == name }) { body(&workloads[index]) }
    }

    private static func mark(_ workload: WorkloadProgress) -> String {
        switch workload.outcome {
        case .waiting: "·"
        case .ready: "✓"
        case .failed: "✗"
        }
    }

    private static func paint(_ line: String, _ workload: WorkloadProgress, _ style: Style) -> String {
        switch workload.outcome {
        case .waiting: line
        case .ready: style.green(line)
        case .failed: style.red(line)
        }
    }
}

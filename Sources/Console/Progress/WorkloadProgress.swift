package import InferenceKeyWire

/// How far one workload is, as one line.
package struct WorkloadProgress: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        case waiting
        case ready
        case failed(String)
    }

    package let name: String
    /// When the wait began, for the clock at the end of the line.
    package let began: Timestamp
    package private(set) var ended: Timestamp?
    package private(set) var outcome = Outcome.waiting
    private var event: ReadinessEvent?

    package init(name: String, began: Timestamp) {
        self.name = name
        self.began = began
    }

    package mutating func note(_ event: ReadinessEvent, at now: Timestamp) {
        self.event = event
        switch event.phase {
        case .ready: end(.ready, at: now)
        case .error: fail(Self.reason(event), at: now)
        case .scheduling, .provisioning, .bootstrapping: break
        }
    }

    package mutating func fail(_ reason: String, at now: Timestamp) { end(.failed(reason), at: now) }

    private mutating func end(_ outcome: Outcome, at now: Timestamp) {
        self.outcome = outcome
        ended = now
    }

    /// What is going on, without name and clock: `download_model  1.2 of 4.5 GB  27%  2m left`.
    package var detail: String {
        switch outcome {
        case .ready: return "ready"
        case .failed(let reason): return reason
        case .waiting: break
        }
        guard let event else { return "waiting" }
        var parts = [event.step?.rawValue ?? event.phase.rawValue]
        if let progress = event.progress { parts += Self.numbers(progress) }
        if parts.count == 1, !event.message.isEmpty { parts.append(event.message) }
        if event.progress?.stalled == true { parts.append("no progress for a minute") }
        return parts.joined(separator: "  ")
    }

    /// What must change for a new line where lines are not repainted: everything but the numbers.
    package var stage: [String] {
        switch outcome {
        case .ready: ["ready"]
        case .failed(let reason): ["failed", reason]
        case .waiting: [event?.phase.rawValue ?? "", event?.step?.rawValue ?? "", event?.message ?? ""]
        }
    }

    private static func numbers(_ progress: StepProgress) -> [String] {
        var parts: [String] = []
        if let done = progress.bytesDone {
            if let total = progress.bytesTotal, total > 0 {
                parts.append(ByteText.text(done, of: total))
                parts.append("\(Int(max(0, min(100, Double(done) * 100 / Double(total)))))%")
            } else {
                parts.append(ByteText.text(done))
            }
        }
        if let left = progress.etaMilliseconds { parts.append("\(TimeSpan.rough(milliseconds: left)) left") }
        return parts
    }

    private static func reason(_ event: ReadinessEvent) -> String {
        event.cause.map { event.message.isEmpty ? $0.rawValue : "\($0.rawValue): \(event.message)" } ?? event.message
    }
}

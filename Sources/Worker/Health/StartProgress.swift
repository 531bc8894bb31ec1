package import InferenceKeyWire

/// How far a start is, and whether it still moves. Its moments are of a clock that nobody sets.
package struct StartProgress: Sendable, Hashable {
    package private(set) var current: StepProgress
    /// When something last moved: the step, its bytes, its message.
    private(set) var movedAt: Duration
    /// When the engine last wrote or moved.
    private(set) var livedAt: Duration
    private var rate = TransferRate()

    /// Longer messages are cut: a line of a log may be anything.
    private static let maxMessageBytes = 512

    package init(_ step: ReadinessStep, _ message: String? = nil, at now: Duration) {
        current = StepProgress(step: step, message: message)
        movedAt = now
        livedAt = now
    }

    /// Takes a report. Gives whether it changed anything. Steps do not go backwards: an engine that fetches one more
    /// small file while it loads is loading.
    package mutating func note(_ report: StepProgress, at now: Duration) -> Bool {
        livedAt = now
        guard Self.order(report.step) >= Self.order(current.step) else { return false }
        var report = report
        report.message = report.message?.cut(toBytes: Self.maxMessageBytes)
        if let done = report.bytesDone, let total = report.bytesTotal, report.etaMilliseconds == nil {
            report.etaMilliseconds = rate.eta(step: report.step, done: done, total: total, at: now)
        }
        guard report != current || current.stalled else { return false }
        current = report
        movedAt = now
        return true
    }

    /// The engine wrote something that tells no progress.
    package mutating func noteLife(at now: Duration) { livedAt = now }

    /// Marks the step stalled when nothing moved for `limit`. Gives whether that is news.
    package mutating func checkStall(after limit: Duration, at now: Duration) -> Bool {
        // Bytes that stand still are a stall, whatever else is written meanwhile.
        let last = current.bytesDone == nil ? max(movedAt, livedAt) : movedAt
        let stalled = now - last >= limit
        guard stalled != current.stalled else { return false }
        current.stalled = stalled
        return true
    }

    /// An engine that is started fetches its model itself, so its start comes before the download.
    private static func order(_ step: ReadinessStep) -> Int {
        switch step {
        case .place, .rentMachine: 0
        case .installEngine: 1
        case .startEngine: 2
        case .downloadModel: 3
        case .loadModel: 4
        case .warmUp: 5
        }
    }
}

/// Estimates the rest of a transfer from its bytes, where the engine does not tell.
private struct TransferRate: Sendable, Hashable {
    private var step: ReadinessStep?
    private var began = Duration.zero
    private var doneAtStart: Int64 = 0

    mutating func eta(step: ReadinessStep, done: Int64, total: Int64, at now: Duration) -> Int64? {
        if self.step != step || done < doneAtStart {
            self.step = step
            began = now
            doneAtStart = done
        }
        guard doneAtStart >= 0, done > doneAtStart, total >= done else { return nil }
        let left = (now - began) / .milliseconds(1) * Double(total - done) / Double(done - doneAtStart)
        return Int64(exactly: left.rounded())
    }
}

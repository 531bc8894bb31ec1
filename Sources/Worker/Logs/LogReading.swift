import Fleet
import InferenceKeyWire

/// So many lines and bytes of text at the most.
struct LogAmount: Sendable, Hashable {
    var lines: Int
    var bytes: Int
}

/// One reader's way through a log, in pieces that its receiver takes. What it misses is told in its place.
struct LogReading {
    private let log: EngineLog
    private let largest: LogAmount
    /// As ``largest``, smaller after a refusal.
    private var amount: LogAmount
    private var position: Int
    /// Where the reading goes on once the last piece is taken.
    private(set) var following: Int
    /// Lines of the last piece.
    private var count = 0

    /// - Parameter number: of the first line; what lies before the log's beginning is not missed.
    init(_ log: EngineLog, from number: Int, largest: LogAmount) {
        self.log = log
        self.largest = largest
        amount = largest
        position = max(number, log.oldestNumber)
        following = position
    }

    /// The next lines, none when there are none yet, and whether there are no more now. The same again until they are
    /// taken.
    mutating func next(now: Timestamp) -> (lines: [LogLine], isAll: Bool) {
        let (missed, lines) = log.lines(from: position, atMost: amount)
        count = lines.count
        following = position + missed + count
        let note = missed == 0 ? [] : [line("\(missed) lines came faster than they could be sent", at: now)]
        return (note + lines, following == log.nextNumber)
    }

    mutating func wasTaken() {
        position = following
        amount = largest
    }

    /// The piece was too large for its receiver: it comes in smaller ones. A line that is too large by itself is left out.
    mutating func wasTooLarge() {
        if count <= 1 {
            position = following
        } else {
            amount.lines = count / 2
        }
    }

    private func line(_ text: String, at now: Timestamp) -> LogLine {
        LogLine(replicaID: log.replicaID, at: now, text: "[inferencekey] \(text)")
    }
}

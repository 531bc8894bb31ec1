import Files
package import Fleet
import Glibc
package import InferenceKeyWire
import Synchronization

/// The log of one replica: the file its engine writes, followed, rotated, and its newest lines kept for reading.
///
/// Everything that is read from here has its secrets scrubbed.
package final class EngineLog: Sendable {
    package let replicaID: ReplicaID
    package let path: String
    private let rotation: LogRotation
    private let secret: String
    private let state: Mutex<State>

    private struct State {
        var splitter: LineSplitter
        var ring: LogRing
        var offset: Int64?
        /// Read and not taken yet, the newest of them.
        var fresh: [LineSplitter.Piece] = []
    }

    /// What matters of a flood is how it ends.
    private static let maxFreshPieces = 200

    /// More than this is not read in one go: what lies before is left to the file.
    private static let maxReadBytes: Int64 = 1 << 20

    /// - Parameter secret: a text that never stands in what is read, such as the replica's engine key.
    package init(_ replicaID: ReplicaID, path: String, limits: LogLimits = LogLimits(), secret: String = "") {
        self.replicaID = replicaID
        self.path = path
        rotation = limits.rotation
        // A text as short as this stands everywhere and is no secret.
        self.secret = secret.utf8.count < 8 ? "" : secret
        state = Mutex(
            State(splitter: LineSplitter(maxLineBytes: limits.maxLineBytes), ring: LogRing(maxLines: limits.maxLines)))
    }

    /// A descriptor for an engine to append to. When the file cannot be made the engine writes to nowhere: a full disk
    /// must not keep it from running.
    func openForEngine() -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        return descriptor >= 0 ? descriptor : open("/dev/null", O_WRONLY | O_CLOEXEC)
    }

    /// Reads what was written since the last call, and rotates the file when it has grown too large.
    package func catchUp(now: Timestamp) {
        state.withLock { state in
            keep(readNew(&state, at: now), at: now, in: &state)
            if rotation.rotate(path) { state.offset = 0 }
        }
    }

    /// What was read since the last call of this, at most the newest 200 pieces: for the one who follows the start.
    package func takeFresh() -> [LineSplitter.Piece] {
        state.withLock { state in
            defer { state.fresh = [] }
            return state.fresh
        }
    }

    /// As ``catchUp(now:)``; a last line without its end counts too. For when the engine is gone.
    package func finish(now: Timestamp) {
        state.withLock { state in
            var pieces = readNew(&state, at: now)
            if let last = state.splitter.finish() { pieces.append(last) }
            keep(pieces, at: now, in: &state)
        }
    }

    /// A line of the agent's own, between those of the engine.
    package func note(_ text: String, now: Timestamp) {
        state.withLock { $0.ring.append("[inferencekey] \(text)", at: now) }
    }

    /// The newest lines, oldest first.
    package func tail(_ count: Int) -> [LogLine] {
        state.withLock { $0.ring.tail(count) }.map(line)
    }

    /// Lines from `number` on, one at the least where there is one, and how many of them are no longer kept.
    func lines(from number: Int, atMost amount: LogAmount) -> (missed: Int, lines: [LogLine]) {
        let (missed, entries) = state.withLock { state in
            (max(0, state.ring.oldestNumber - number), state.ring.lines(from: number, limit: amount.lines))
        }
        var room = amount.bytes
        let lines = entries.map(line).prefix { line in
            defer { room -= line.text.utf8.count }
            return room == amount.bytes || line.text.utf8.count <= room
        }
        return (missed, Array(lines))
    }

    /// The number of the next line to come.
    package var nextNumber: Int { state.withLock { $0.ring.nextNumber } }

    /// The number of the oldest line that is kept.
    var oldestNumber: Int { state.withLock { $0.ring.oldestNumber } }

    /// `text` without secrets.
    package func scrub(_ text: String) -> String {
        let known = secret.isEmpty ? text : text.replacing(secret, with: "…")
        return Redaction.scrub(known)
    }

    private func line(_ entry: LogRing.Entry) -> LogLine {
        LogLine(replicaID: replicaID, at: entry.at, text: scrub(entry.text))
    }

    private func keep(_ pieces: [LineSplitter.Piece], at: Timestamp, in state: inout State) {
        // What is read long after it was written, by a new run of the agent, is not of now.
        let at = pieces.isEmpty ? at : min(at, FileStatus(path)?.modified ?? at)
        for case .line(let text) in pieces where !text.isEmpty { state.ring.append(text, at: at) }
        state.fresh = (state.fresh + pieces.suffix(Self.maxFreshPieces)).suffix(Self.maxFreshPieces)
    }

    private func readNew(_ state: inout State, at now: Timestamp) -> [LineSplitter.Piece] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        let size = Int64(lseek(descriptor, 0, SEEK_END))
        var offset = state.offset ?? max(0, size - Self.maxReadBytes)
        if offset > size { offset = 0 }
        if size - offset > Self.maxReadBytes {
            let skipped = size - offset - Self.maxReadBytes
            _ = state.splitter.finish()
            state.ring.append("… \(skipped) bytes of log were written faster than they are read", at: now)
            offset += skipped
        }
        guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0, size > offset else {
            state.offset = offset
            return []
        }
        let bytes = FileContent.piece(of: descriptor, maxBytes: Int(size - offset)) ?? []
        state.offset = offset + Int64(bytes.count)
        return state.splitter.read(bytes)
    }
}

import Files
import Fleet

/// One log holds several runs of an engine; each begins with a line of the agent's.
extension EngineLog {
    private static let opening = "[inferencekey] starting: "

    /// Writes the first line of a run: the command, which holds no secret of ours.
    func begin(_ words: [String], to descriptor: Int32) {
        let command = words.map { $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: " ")
        _ = FileContent.append(Array((Self.opening + scrub(command) + "\n").utf8)[...], to: descriptor)
    }

    /// The newest lines of the last run, oldest first, without its opening.
    func tailOfRun(maxLines: Int) -> [String] {
        let lines = tail(maxLines).map(\.text)
        let start = lines.lastIndex { $0.hasPrefix(Self.opening) }.map { $0 + 1 } ?? 0
        return Array(lines[start...]).filter { !$0.hasPrefix("[inferencekey] ") }
    }
}

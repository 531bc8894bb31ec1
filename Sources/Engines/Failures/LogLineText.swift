/// Lines of a log, for people.
package enum LogLineText {
    /// Longer lines are cut.
    private static let maxCharacters = 300

    /// The line without the engine's own preamble: `(EngineCore pid=1) ERROR 11-24 06:15:03 [core.py:1510] …`,
    /// `0.00.005.330 E …`.
    package static func plain(_ line: String) -> String {
        var words = line.split(separator: " ", omittingEmptySubsequences: true)[...]
        if let first = words.first, first.hasPrefix("("), words.dropFirst().first?.hasPrefix("pid=") ?? false {
            words = words.dropFirst(2)
        }
        if let first = words.first, levels.contains(first) {
            words = words.dropFirst()
            while let next = words.first, next.allSatisfy({ $0.isNumber || "-:,.".contains($0) }) {
                words = words.dropFirst()
            }
            if let place = words.first, place.hasPrefix("["), place.hasSuffix("]") { words = words.dropFirst() }
        } else if words.count > 2, words[words.startIndex].allSatisfy({ $0.isNumber || $0 == "." }),
            words[words.startIndex + 1].count == 1
        {
            words = words.dropFirst(2)
        }
        let text = words.joined(separator: " ")
        return text.count > maxCharacters ? text.prefix(maxCharacters) + "…" : text
    }

    /// The line that tells best why a log ends: the last error, else the last line that says anything.
    package static func telling(_ log: [String]) -> String? {
        let lines = log.filter { line in
            guard let first = line.first, !first.isWhitespace else { return false }
            return !noise.contains(where: line.contains)
        }
        let error = lines.last { line in
            marks.contains(where: line.contains) && !endings.contains(where: line.contains)
        }
        return (error ?? lines.last).map(plain)
    }

    private static let levels: Set<Substring> = ["INFO", "WARNING", "ERROR", "CRITICAL", "DEBUG", "FATAL"]

    /// What marks an error.
    private static let marks = [
        "Error: ", "error: ", "Exception: ", "error loading model", " ERROR ", "Segfault", "panic: ",
    ]

    /// Errors that only repeat that there was one before.
    private static let endings = [
        "See root cause above", "exiting due to", "shutting down executor", "died unexpectedly",
    ]

    /// Lines that engines write at every end.
    private static let noise = [
        "nanobind: ", "resource_tracker", "warnings.warn", "leaked", "Traceback (most recent call last)", "[shutdown]",
        "cleaning up before exit",
    ]
}

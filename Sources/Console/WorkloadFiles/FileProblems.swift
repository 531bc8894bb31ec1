/// What is wrong with files, each with its place: `models.yaml:7: command: …`.
package struct FileProblems: Error, Sendable, Equatable {
    package var lines: [String]

    package init(_ lines: [String]) { self.lines = lines }
    package init(file: String, line: Int?, _ reason: String) {
        lines = [(line.map { "\(file):\($0)" } ?? file) + ": " + reason]
    }

    /// The problems as the failure of a command.
    package var failure: CommandFailure {
        let what =
            lines.count == 1 ? "the workload file has a mistake" : "the workload files have \(lines.count) mistakes"
        return CommandFailure(
            .failed, what, why: lines.joined(separator: "\n"), next: "mend the file and run the same command again")
    }
}

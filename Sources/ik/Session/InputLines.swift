import Console

/// What a command works on: its arguments, or every line of standard input when there is none.
enum InputLines {
    static func read(unless arguments: [String], _ whatIsMissing: String) throws -> [String] {
        let inputs = arguments.isEmpty ? Array(sequence(state: ()) { _ in readLine() }) : arguments
        guard !inputs.isEmpty else { throw CommandFailure(.wrongUsage, whatIsMissing) }
        return inputs
    }
}

import InferenceKeyWire

/// Why a command failed, for a person: what happened, why, and the next command to type.
package struct CommandFailure: Error, Sendable, Equatable {
    package var outcome: Outcome
    package var what: String
    package var why: String?
    /// Commands to type, or one thing to do.
    package var next: [String]

    package init(_ outcome: Outcome, _ what: String, why: String? = nil, next: [String] = []) {
        self.outcome = outcome
        self.what = Redaction.scrub(what)
        self.why = why.map(Redaction.scrub)
        self.next = next
    }

    package init(_ outcome: Outcome, _ what: String, why: String? = nil, next: String) {
        self.init(outcome, what, why: why, next: [next])
    }

    /// The failure over a few lines, for stderr.
    package func text(_ style: Style = .plain) -> String {
        var lines = [style.red("error:") + " " + what]
        if let why {
            for (index, line) in why.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                lines.append((index == 0 ? "  why:  " : "        ") + line)
            }
        }
        for (index, line) in next.enumerated() {
            lines.append((index == 0 ? "  next: " : "        ") + style.bold(line))
        }
        return lines.joined(separator: "\n")
    }
}

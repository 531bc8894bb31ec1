package import InferenceKeyWire

/// One thing that `ik doctor` looked at.
package struct Finding: Sendable, Hashable {
    package enum Grade: String, Sendable, Hashable, CaseIterable {
        case ok
        /// Works, but somebody will want to know.
        case note
        /// Something will not work until it is mended.
        case problem
    }

    package var subject: String
    package var grade: Grade
    package var detail: String
    /// How to mend it.
    package var mend: String?

    package init(_ subject: String, _ grade: Grade, _ detail: String, mend: String? = nil) {
        self.subject = subject
        self.grade = grade
        self.detail = detail
        self.mend = mend
    }

    package var json: JSONValue {
        [
            "subject": .string(subject), "grade": .string(grade.rawValue), "detail": .string(detail),
            "mend": .optional(mend),
        ]
    }

    package func text(_ style: Style) -> String {
        let line = "\(mark(style)) \(style.bold(subject)): \(detail)"
        return mend.map { line + "\n    mend: " + $0 } ?? line
    }

    private func mark(_ style: Style) -> String {
        switch grade {
        case .ok: style.green("✓")
        case .note: style.yellow("!")
        case .problem: style.red("✗")
        }
    }
}

import Yams

extension FileProblems {
    /// Why a text is not YAML, at its line.
    init(_ error: YamlError, file: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self.init(file: file, line: mark.line, "is not YAML: \(problem) (column \(mark.column))")
        case .reader(let problem, _, _, _): self.init(file: file, line: nil, "is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "\"\($0)\"" }.joined(separator: ", ")
            self.init(file: file, line: context.mark.line, "the key \(names) stands twice")
        default: self.init(file: file, line: nil, "is not YAML: \(error)")
        }
    }
}

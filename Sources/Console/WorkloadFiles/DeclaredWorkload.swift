package import InferenceKeyWire

/// One workload of a file, and where each of its fields stands.
package struct DeclaredWorkload: Sendable {
    package let spec: WorkloadSpec
    package let file: String
    /// The workload's own path in its document, such as `workloads[0]`.
    private let path: String
    private let lines: [String: Int]

    /// Reads one spec. What is wrong with it comes back with file and line.
    init(_ value: JSONValue, file: String, path: String, lines: [String: Int]) throws(FileProblems) {
        self.file = file
        self.path = path
        self.lines = lines
        do {
            spec = try WorkloadSpec(json: value)
        } catch {
            let place = Place(file: file, path: path, lines: lines)
            throw FileProblems(place.problems(error.fields) { Self.hint($0, value) })
        }
    }

    /// `models.yaml:3`
    package var location: String { Place(file: file, path: path, lines: lines).text(of: "") }

    /// What a server found wrong, by wire field, each at its line; nil when it named no field.
    package func problems(_ fields: [String: String]) -> FileProblems? {
        fields.isEmpty ? nil : FileProblems(Place(file: file, path: path, lines: lines).problems(fields) { _ in nil })
    }

    /// A number where a text is wanted is mostly one that was left unquoted.
    private static func hint(_ field: String, _ value: JSONValue) -> String? {
        switch value[field] {
        case .number(let number): "write \"\(number.lexeme)\" in quotes"
        case .bool(let flag): "write \"\(flag)\" in quotes"
        default: nil
        }
    }
}

/// Finds lines by field.
private struct Place {
    var file: String
    var path: String
    var lines: [String: Int]

    /// Where a field is called otherwise in files than on the wire.
    private static let spellings = [
        "model_name": "model", "config.command": "command", "config.vllm_version": "vllm_version",
    ]

    func problems(_ fields: [String: String], hint: (String) -> String?) -> [String] {
        fields.map { field, reason in
            let wantsText = reason.contains("must be a string")
            let tail = wantsText ? hint(field).map { "; \($0)" } ?? "" : ""
            return (line(of: field), "\(text(of: field)): \(field): \(reason)\(tail)")
        }.sorted { $0 < $1 }.map(\.1)
    }

    func text(of field: String) -> String { "\(file):\(line(of: field))" }

    /// The line of the field, else of what it stands in.
    private func line(of field: String) -> Int {
        let names = [field, Self.spellings[field] ?? field]
        for name in names where !name.isEmpty {
            if let line = lines[path.isEmpty ? name : "\(path).\(name)"] { return line }
        }
        if let dot = field.lastIndex(of: ".") { return line(of: String(field[..<dot])) }
        return lines[path] ?? 1
    }
}

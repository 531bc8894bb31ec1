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
        let place = Place(file: file, path: path, lines: lines)
        do {
            spec = try WorkloadSpec(json: value)
        } catch {
            throw FileProblems(place.problems(error.fields) { Self.hint($0, value) })
        }
        let secrets = Self.secrets(in: value, path: "")
        if !secrets.isEmpty {
            throw FileProblems(
                place.problems(
                    Dictionary(secrets.map { ($0, "secrets must never go in specs; take it out, and revoke it") }) {
                        $1
                    }
                ) { _ in nil })
        }
    }

    /// `models.yaml:3`
    package var location: String { Place(file: file, path: path, lines: lines).text(of: "") }

    /// What a server found wrong, by wire field, each at its line; nil when it named no field.
    package func problems(_ fields: [String: String]) -> FileProblems? {
        fields.isEmpty ? nil : FileProblems(Place(file: file, path: path, lines: lines).problems(fields) { _ in nil })
    }

    /// The fields whose text is or holds a credential.
    private static func secrets(in value: JSONValue, path: String) -> [String] {
        switch value {
        case .string(let text): Redaction.holdsSecret(text) ? [path] : []
        case .array(let items): items.enumerated().flatMap { secrets(in: $0.element, path: "\(path)[\($0.offset)]") }
        case .object(let object):
            object.flatMap { secrets(in: $0.value, path: path.isEmpty ? $0.key : "\(path).\($0.key)") }
        default: []
        }
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

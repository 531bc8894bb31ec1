import InferenceKeyWire

/// The workloads that YAML files declare: a `workloads:` list, or one spec per document.
package enum WorkloadFile {
    private static let listKey = "workloads"

    /// Reads the text of one file. Every problem of it is told at once.
    package static func read(_ text: String, file: String) throws(FileProblems) -> [DeclaredWorkload] {
        var found: [DeclaredWorkload] = []
        var problems: [String] = []
        for document in try YAMLDocument.read(text, file: file) where !document.value.isNull {
            for (path, value) in try specs(of: document, file: file) {
                do {
                    found.append(try DeclaredWorkload(value, file: file, path: path, lines: document.lines))
                } catch {
                    problems += error.lines
                }
            }
        }
        if !problems.isEmpty { throw FileProblems(problems) }
        if found.isEmpty { throw FileProblems(file: file, line: nil, "declares no workload") }
        return found
    }

    /// Refuses two declarations of one workload. A workload without a project stands in `project`.
    package static func checkUnique(_ workloads: [DeclaredWorkload], project: String?) throws(FileProblems) {
        var first: [String: DeclaredWorkload] = [:]
        var problems: [String] = []
        for workload in workloads {
            let slug = Slug.make(from: workload.spec.slug) ?? workload.spec.slug
            let key = "\(workload.spec.project ?? project ?? "")/\(slug)"
            if let earlier = first.updateValue(workload, forKey: key) {
                problems.append("\(workload.location): \"\(slug)\" is declared at \(earlier.location) already")
            }
        }
        if !problems.isEmpty { throw FileProblems(problems) }
    }

    private static func specs(
        of document: YAMLDocument, file: String
    ) throws(FileProblems) -> [(path: String, value: JSONValue)] {
        guard case .object(let object) = document.value else {
            throw FileProblems(
                file: file, line: document.lines[""],
                "must be a workload or a list under \"\(listKey):\", not \(document.value.kindName)")
        }
        guard let list = object[listKey] else {
            for key in object.keys where object.count == 1 && Suggestion.nearest(to: key, in: [listKey]) != nil {
                throw FileProblems(
                    file: file, line: document.lines[key], "unknown key \"\(key)\"; did you mean \"\(listKey)\"?")
            }
            return [("", document.value)]
        }
        for key in object.keys where key != listKey {
            throw FileProblems(
                file: file, line: document.lines[key],
                "unknown key \"\(key)\": a document with \"\(listKey)\" holds nothing else")
        }
        guard let items = list.arrayValue else {
            throw FileProblems(
                file: file, line: document.lines[listKey], "\(listKey): must be a list, not \(list.kindName)")
        }
        return items.enumerated().map { ("\(listKey)[\($0.offset)]", $0.element) }
    }
}

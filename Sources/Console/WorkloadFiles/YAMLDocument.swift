package import InferenceKeyWire
import Yams

/// One document of a YAML file as JSON, with the line of every key.
///
/// Scalars are read by YAML 1.2's core schema: quoted text is always a string, and so are words such as `yes` and `on`.
package struct YAMLDocument: Sendable {
    package let value: JSONValue
    /// The line of every member, by its path: `workloads[0].config.command`. The document itself is the empty path.
    package let lines: [String: Int]

    /// Larger files are refused.
    package static let maxBytes = 1 << 20
    /// More values than this, aliases counted where they are used, are refused.
    package static let maxValues = 50_000
    package static let maxDepth = 64

    /// Reads every document of `text`; `file` is what errors call it.
    package static func read(_ text: String, file: String) throws(FileProblems) -> [YAMLDocument] {
        guard text.utf8.count <= maxBytes else {
            throw FileProblems(file: file, line: nil, "is larger than \(maxBytes) bytes")
        }
        if let line = lineNestedTooDeep(text) {
            throw FileProblems(file: file, line: line, "is nested deeper than \(maxDepth)")
        }
        var documents: [YAMLDocument] = []
        for node in try nodes(text, file: file) {
            var converter = YAMLConverter(file: file)
            let value = try converter.convert(node, path: "", depth: 0)
            documents.append(YAMLDocument(value: value, lines: converter.lines))
        }
        return documents
    }

    private static func nodes(_ text: String, file: String) throws(FileProblems) -> [Node] {
        do {
            let parser = try Parser(yaml: text)
            var nodes: [Node] = []
            while let node = try parser.nextRoot() { nodes.append(node) }
            return nodes
        } catch let error as YamlError {
            throw FileProblems(error, file: file)
        } catch {
            throw FileProblems(file: file, line: nil, "is not YAML: \(error)")
        }
    }

    /// The parser recurses: text that opens thousands of levels must not reach it.
    private static func lineNestedTooDeep(_ text: String) -> Int? {
        var open = 0
        for (index, line) in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            var dashes = 0
            var atStart = true
            for (byte, next) in zip(line, line.dropFirst()) {
                if atStart, byte == UInt8(ascii: "-") || byte == UInt8(ascii: "?"), next == 0x20 { dashes += 1 }
                atStart = atStart && (byte == UInt8(ascii: "-") || byte == UInt8(ascii: "?") || byte == 0x20)
            }
            for byte in line {
                if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { open += 1 }
                if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") { open = max(0, open - 1) }
            }
            if dashes > maxDepth || open > maxOpenBrackets { return index + 1 }
        }
        return nil
    }

    /// Far above ``maxDepth``, because brackets inside texts count here too.
    private static let maxOpenBrackets = 1024
}

import InferenceKeyWire
import Yams

/// Turns the nodes of one document into JSON and notes the line of every member.
struct YAMLConverter {
    let file: String
    private(set) var lines: [String: Int] = [:]
    private var values = 0

    init(file: String) { self.file = file }

    mutating func convert(_ node: Node, path: String, depth: Int) throws(FileProblems) -> JSONValue {
        values += 1
        let line = node.mark?.line
        if lines[path] == nil { lines[path] = line }
        guard values <= YAMLDocument.maxValues else {
            throw FileProblems(file: file, line: line, "holds more than \(YAMLDocument.maxValues) values")
        }
        guard depth <= YAMLDocument.maxDepth else {
            throw FileProblems(file: file, line: line, "is nested deeper than \(YAMLDocument.maxDepth)")
        }
        switch node {
        case .scalar(let scalar): return try YAMLScalar.value(of: scalar, file: file)
        case .sequence(let sequence):
            var items: [JSONValue] = []
            for (index, item) in sequence.enumerated() {
                items.append(try convert(item, path: "\(path)[\(index)]", depth: depth + 1))
            }
            return .array(items)
        case .mapping(let mapping): return .object(try object(mapping, path: path, depth: depth))
        case .alias: throw FileProblems(file: file, line: line, "has an alias that leads nowhere")
        }
    }

    private mutating func object(
        _ mapping: Node.Mapping, path: String, depth: Int
    ) throws(FileProblems) -> JSONObject {
        var object = JSONObject()
        var inherited: [Node] = []
        for (key, value) in mapping {
            guard let scalar = key.scalar else {
                throw FileProblems(file: file, line: key.mark?.line, "has a key that is not a word")
            }
            if scalar.string == "<<", scalar.style == .plain {
                inherited.append(value)
                continue
            }
            let member = path.isEmpty ? scalar.string : "\(path).\(scalar.string)"
            lines[member] = scalar.mark?.line
            object[scalar.string] = try convert(value, path: member, depth: depth + 1)
        }
        for node in inherited { try merge(node, into: &object, path: path, depth: depth) }
        return object
    }

    /// `<<: *base` and `<<: [*a, *b]`: members that do not stand here already.
    private mutating func merge(
        _ node: Node, into object: inout JSONObject, path: String, depth: Int
    ) throws(FileProblems) {
        switch node {
        case .sequence(let sequence):
            for item in sequence { try merge(item, into: &object, path: path, depth: depth + 1) }
        case .mapping(let mapping):
            guard depth <= YAMLDocument.maxDepth else {
                throw FileProblems(file: file, line: node.mark?.line, "is nested deeper than \(YAMLDocument.maxDepth)")
            }
            let own = lines
            for (key, value) in try self.object(mapping, path: path, depth: depth + 1) where object[key] == nil {
                object[key] = value
            }
            lines.merge(own) { _, mine in mine }
        default: throw FileProblems(file: file, line: node.mark?.line, "\"<<\" must name a mapping")
        }
    }
}

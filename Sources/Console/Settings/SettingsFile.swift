import InferenceKeyWire

/// Reads a `--config` file: one mapping from keys of ``Setting`` to their values. One file may serve several roles.
enum SettingsFile {
    static func read(_ text: String, file: String) throws(FileProblems) -> [Setting: [String]] {
        var settings: [Setting: [String]] = [:]
        var problems: [String] = []
        for document in try YAMLDocument.read(text, file: file) where !document.value.isNull {
            guard let object = document.value.objectValue else {
                throw FileProblems(file: file, line: document.lines[""], "must be keys with values")
            }
            for (key, value) in object where !value.isNull {
                let place = "\(file):\(document.lines[key] ?? 1)"
                guard let setting = Setting(rawValue: key) else {
                    let hint = Suggestion.nearest(to: key, in: Setting.allCases.map(\.key))
                    problems.append(
                        "\(place): unknown key \"\(key)\"" + (hint.map { "; did you mean \"\($0)\"?" } ?? ""))
                    continue
                }
                if let texts = texts(of: value, isList: setting.isList) {
                    settings[setting] = texts
                } else {
                    problems.append("\(place): \(key): must not be \(value.kindName)")
                }
            }
        }
        if !problems.isEmpty { throw FileProblems(problems) }
        return settings
    }

    private static func texts(of value: JSONValue, isList: Bool) -> [String]? {
        switch value {
        case .string(let text): return [text]
        case .number(let number): return [number.lexeme]
        case .bool(let flag): return ["\(flag)"]
        case .array(let items) where isList:
            let texts = items.compactMap(\.stringValue)
            return texts.count == items.count ? texts : nil
        default: return nil
        }
    }
}

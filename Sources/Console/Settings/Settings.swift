import Configuration
import InferenceKeyWire

/// The options of one role: what was typed wins over the environment, that over the file, that over the default.
package struct Settings: Sendable {
    private let reader: ConfigReader
    private let environment: [String: String]

    /// - Parameters:
    ///   - typed: the options of the command line that were given; a list option has several values.
    ///   - file: name and text of the `--config` file, if there is one. An unknown key in it is an error.
    package init(
        typed: [Setting: [String]], environment: [String: String], file: (name: String, text: String)? = nil
    ) throws(FileProblems) {
        var providers: [any ConfigProvider] = [
            InMemoryProvider(name: "command line", values: Self.values(typed)),
            EnvironmentVariablesProvider(environmentVariables: environment.filter { !$0.value.isEmpty })
                .prefixKeys(with: "ik"),
        ]
        if let file {
            providers.append(
                InMemoryProvider(
                    name: file.name, values: Self.values(try SettingsFile.read(file.text, file: file.name))))
        }
        reader = ConfigReader(providers: providers)
        self.environment = environment
    }

    /// The value, or nil where nobody gave one.
    package func text(_ setting: Setting) -> String? {
        reader.string(forKey: ConfigKey(setting.key), isSecret: setting.isSecret)
    }

    package func list(_ setting: Setting) -> [String] {
        let items = reader.stringArray(forKey: ConfigKey(setting.key), isSecret: setting.isSecret) ?? []
        return items.filter { !$0.isEmpty }
    }

    /// A switch; off where nobody set it.
    package func isOn(_ setting: Setting) throws(CommandFailure) -> Bool {
        switch text(setting)?.lowercased() {
        case nil, "false", "no", "0", "off": return false
        case "true", "yes", "1", "on": return true
        case .some(let other): throw refusal(setting, other, "true or false")
        }
    }

    package func int(
        _ setting: Setting, in range: ClosedRange<Int>, default standard: Int
    ) throws(CommandFailure) -> Int {
        guard let text = text(setting) else { return standard }
        guard let value = Int(text), range.contains(value) else {
            throw refusal(setting, text, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    package func choice(
        _ setting: Setting, of choices: [String], default standard: String
    ) throws(CommandFailure) -> String {
        let value = text(setting) ?? standard
        guard choices.contains(value) else {
            throw refusal(setting, value, "one of \(choices.joined(separator: ", "))")
        }
        return value
    }

    /// The value of an option that a role cannot do without.
    package func required(_ setting: Setting, why: String) throws(CommandFailure) -> String {
        if let value = text(setting) { return value }
        throw CommandFailure(
            .wrongUsage, "\(setting.flag) is missing", why: why,
            next: "give \(setting.flag), set \(setting.variable), or put \(setting.key) into the --config file")
    }

    /// The failure for a value that cannot be.
    package func refusal(_ setting: Setting, _ value: String, _ expected: String) -> CommandFailure {
        let fromEnvironment = environment[setting.variable] == value
        return CommandFailure(
            .wrongUsage, "\(fromEnvironment ? setting.variable : setting.flag) must be \(expected), not \"\(value)\"")
    }

    private static func values(_ settings: [Setting: [String]]) -> [AbsoluteConfigKey: ConfigValue] {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (setting, texts) in settings {
            let content = setting.isList ? ConfigContent.stringArray(texts) : ConfigContent.string(texts.last ?? "")
            values[AbsoluteConfigKey([setting.key])] = ConfigValue(content, isSecret: setting.isSecret)
        }
        return values
    }
}

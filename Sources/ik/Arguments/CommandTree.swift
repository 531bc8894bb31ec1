import ArgumentParser
import Console
import InferenceKeyWire

/// Finds mistyped commands before the parser takes them for something else.
enum CommandTree {
    /// The failure for a word where a command should stand and none of that name does.
    static func mistake(in arguments: [String], under root: any ParsableCommand.Type) -> CommandFailure? {
        var command = root
        var path = [name(of: root)]
        for argument in arguments {
            let children = command.configuration.subcommands
            guard !children.isEmpty, !argument.hasPrefix("-") else { return nil }
            if path.count == 1, argument == "help" { return nil }
            guard let child = children.first(where: { name(of: $0) == argument }) else {
                return unknown(argument, path: path, names: children.map(name(of:)))
            }
            command = child
            path.append(argument)
        }
        return nil
    }

    private static func unknown(_ word: String, path: [String], names: [String]) -> CommandFailure {
        let tool = path.joined(separator: " ")
        let nearest = Suggestion.nearest(to: word, in: names)
        return CommandFailure(
            .wrongUsage, "\(tool) has no command \"\(word)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? ""),
            next: nearest.map { "\(tool) \($0)" } ?? "\(tool) --help")
    }

    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? String(describing: command).lowercased()
    }
}

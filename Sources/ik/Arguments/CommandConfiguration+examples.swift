import ArgumentParser

extension CommandConfiguration {
    /// A command whose help begins with one line and its examples.
    init(
        commandName: String, _ abstract: String, examples: [String], notes: String? = nil,
        subcommands: [any ParsableCommand.Type] = [], groups: [CommandGroup] = [],
        defaultSubcommand: (any ParsableCommand.Type)? = nil
    ) {
        let lines = examples.map { "  " + $0 }.joined(separator: "\n")
        self.init(
            commandName: commandName, abstract: abstract,
            discussion: (examples.count == 1 ? "EXAMPLE:\n" : "EXAMPLES:\n") + lines
                + (notes.map { "\n\n" + $0 } ?? ""),
            subcommands: subcommands, groupedSubcommands: groups, defaultSubcommand: defaultSubcommand)
    }
}

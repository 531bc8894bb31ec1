import ArgumentParser
import Console
import InferenceKeyWire

struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", "Prints the version.", examples: ["ik version", "ik version --json"])

    @Flag(help: "Print JSON.")
    var json = false

    func run() {
        let terminal = Terminal(environment: Process.environment)
        terminal.print(json ? (["version": .string(Product.version)] as JSONValue).text : "ik \(Product.version)")
    }
}

import ArgumentParser
import Console

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Parses the command line, runs the command, and turns what it throws into words on stderr and an exit code.
@main
struct Main {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            if let failure = CommandTree.mistake(in: arguments, under: IK.self) { throw failure }
            let command = try IK.parseAsRoot(arguments)
            if !(command is any PlatformCommand) { endOnInterrupt() }
            try await run(command)
        } catch let failure as CommandFailure {
            let terminal = Terminal(environment: Process.environment)
            terminal.say(failure.text(terminal.messages))
            exit(failure.outcome.rawValue)
        } catch let end as Ending {
            exit(end.outcome.rawValue)
        } catch {
            IK.exit(withError: error)
        }
    }

    @concurrent
    private static func run(_ command: sending any ParsableCommand) async throws {
        if var command = command as? any AsyncParsableCommand {
            try await command.run()
        } else {
            var command = command
            try command.run()
        }
    }

    /// Client commands hold nothing that must be tidied up.
    private static func endOnInterrupt() {
        signal(SIGINT) { _ in _exit(Outcome.interrupted.rawValue) }
    }
}

/// Ends the command with an exit code and no further words.
struct Ending: Error {
    let outcome: Outcome
}

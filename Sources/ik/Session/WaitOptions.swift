import ArgumentParser
import Console

/// How long a command waits for workloads.
struct WaitOptions: ParsableArguments {
    @Option(help: "How long to wait at the most.")
    var timeout = "10m"

    func duration() throws(CommandFailure) -> Duration { .seconds(try seconds(timeout, of: "--timeout")) }
}

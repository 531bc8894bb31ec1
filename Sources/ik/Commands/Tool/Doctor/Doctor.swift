import ArgumentParser
import Console
import InferenceKeyWire
import Transport
import Worker

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", "Checks this machine and tells how to mend what it finds.",
        examples: ["ik doctor", "ik doctor --json", "ik doctor --engine-folder /opt/engines"],
        notes: "Ends with 1 when something will not work until it is mended.")

    @OptionGroup var shared: PlatformOptions
    @OptionGroup var engines: EngineOptions
    @OptionGroup var tls: TLSOptions

    @Option(name: .customLong("base-url"), help: "Where the platform should answer (INFERENCEKEY_BASE_URL).")
    var baseURL: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let stage = try Stage(shared, typed: engines.typed.merging(tls.typed) { $1 })
        let text = baseURL ?? Process.variable("INFERENCEKEY_BASE_URL") ?? "http://127.0.0.1:8080"
        guard let address = BaseURL(text) else {
            throw CommandFailure(.wrongUsage, "--base-url must be a URL such as http://127.0.0.1:8080, not \"\(text)\"")
        }
        let findings = try await Checkup(stage: stage, address: address).findings()
        let style = stage.terminal.output
        stage.terminal.print(
            json ? JSONValue.array(findings.map(\.json)).text : findings.map { $0.text(style) }.joined(separator: "\n"))
        if findings.contains(where: { $0.grade == .problem }) { throw Ending(outcome: .failed) }
    }
}

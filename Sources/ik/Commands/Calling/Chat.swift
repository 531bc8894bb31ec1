import ArgumentParser
import Console
import InferenceKey
import InferenceKeyWire

struct Chat: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat", "Talks with a chat model; the answer is shown as it comes.",
        examples: [
            "ik chat support-bot 'Say hello in Spanish' --project acme", "ik chat support-bot --project acme",
            "cat letter.txt | ik chat support-bot --system 'Sum this up'",
        ],
        notes: "Without a prompt it is a conversation; an empty line or Ctrl-D ends it.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var target: WorkloadArgument
    @OptionGroup var dataKey: DataKeyOption

    @Argument(help: "What to say.")
    var prompt: String?

    @Option(help: "How the model should behave.")
    var system: String?

    @Option(help: "Tokens of an answer at the most.")
    var maxTokens: Int?

    @Option(help: "From 0, always the same, to 2, wild.")
    var temperature: Double?

    func run(_ session: Session) async throws {
        let target = try await session.endpoint(target, key: dataKey)
        var talk = Conversation(
            endpoint: target.endpoint, session: session, system: system, maxTokens: maxTokens, temperature: temperature)
        if let prompt { return try await talk.say(prompt) }
        guard session.terminal.canAsk else {
            var lines: [String] = []
            while let line = readLine(strippingNewline: false) { lines.append(line) }
            return try await talk.say(lines.joined())
        }
        session.say("Talking with \(target.project)/\(target.slug). An empty line ends it.")
        while true {
            session.terminal.sayPart(session.terminal.messages.bold("> "))
            guard let line = readLine(), !line.allSatisfy(\.isWhitespace) else { return }
            try await talk.say(line)
        }
    }
}

/// A conversation and what was said in it.
struct Conversation {
    private let endpoint: Endpoint
    private let session: Session
    private let maxTokens: Int?
    private let temperature: Double?
    private var messages: [ChatMessage]

    init(endpoint: Endpoint, session: Session, system: String?, maxTokens: Int?, temperature: Double?) {
        self.endpoint = endpoint
        self.session = session
        self.maxTokens = maxTokens
        self.temperature = temperature
        messages = system.map { [.system($0)] } ?? []
    }

    /// Says it, prints the answer as it comes, and remembers both. With `--json`, one chunk per line as it came.
    mutating func say(_ text: String) async throws {
        messages.append(.user(text))
        let stream = try await endpoint.generateTextStream(
            messages: messages, temperature: temperature, maxTokens: maxTokens)
        var answer = ""
        for try await chunk in stream {
            answer += chunk.text
            session.terminal.printPart(session.wantsJSON ? chunk.raw.text + "\n" : chunk.text)
        }
        if !session.wantsJSON { session.terminal.print("") }
        messages.append(.assistant(answer))
    }
}

import Fleet
import InferenceKeyWire
import Worker

/// The command line of a replica: the user's as written, or the backend's default, with what the platform needs added
/// where it is absent.
struct UserCommand: Sendable {
    private let command: EngineCommand
    let backend: Backend
    private(set) var arguments: [String]

    /// - Parameter standard: what is run when the workload declares no command; its words are taken as they are.
    init(_ replica: ReplicaAssignment, standard: [String]) throws(Failure) {
        backend = replica.backend
        let line: String
        if let value = replica.config["command"], !value.isNull {
            guard let text = value.stringValue else {
                throw Failure(.badCommand, "config.command must be a string, not \(value.kindName)")
            }
            line = text
        } else {
            try Self.checkName(replica.modelName)
            line = standard.map(Self.quoted).joined(separator: " ")
        }
        do {
            command = try EngineCommand(line, for: backend)
        } catch {
            throw Failure(.badCommand, "config.command \(error)")
        }
        arguments = Array(command.words.dropFirst())
    }

    var program: String { command.program }
    var words: [String] { command.words }

    func has(_ names: [String]) -> Bool {
        words.contains { word in names.contains { word == $0 || word.hasPrefix($0 + "=") } }
    }

    /// The value of an option, in either form; the last one counts.
    func option(_ names: [String]) -> String? { values(of: names)?.last }

    /// All values of an option: those up to the next option. Nil when it is absent.
    func values(of names: [String]) -> [String]? {
        var found: [String]?
        for (index, word) in words.enumerated() {
            if names.contains(word) {
                found = Array(words[(index + 1)...].prefix { !$0.hasPrefix("-") })
            } else if let name = names.first(where: { word.hasPrefix($0 + "=") }) {
                found = [String(word.dropFirst(name.count + 1))]
            }
        }
        return found
    }

    mutating func add(_ words: String...) { arguments += words }

    /// Throws for options that would take the engine out of the platform's hands.
    func refuse(_ names: [String], because reason: String) throws(Failure) {
        for name in names where has([name]) { throw Failure(.badCommand, "config.command: \(name) \(reason)") }
    }

    /// Adds the loopback where no host is named. Throws for any other host: an engine is reached through the Gateway and
    /// nowhere else.
    mutating func bindToLoopback() throws(Failure) {
        guard let host = option(["--host"]) else { return add("--host", "127.0.0.1") }
        guard host == "127.0.0.1" || host == "localhost" else {
            throw Failure(
                .badCommand,
                "config.command: --host \(host) would open the engine to others; leave it out (it listens on 127.0.0.1 "
                    + "and is reached through the Gateway)")
        }
    }

    /// The port named in the command, or `free`, which is added.
    mutating func takePort(_ free: Int) throws(Failure) -> (number: Int, isOurs: Bool) {
        guard has(["--port"]) else {
            add("--port", "\(free)")
            return (free, true)
        }
        guard let text = option(["--port"]), let port = Int(text), (1...65_535).contains(port) else {
            throw Failure(.badCommand, "config.command: --port must be a number from 1 to 65535; or leave it out")
        }
        return (port, false)
    }

    /// A name that would be read as an option is no name.
    static func checkName(_ name: String) throws(Failure) {
        if name.hasPrefix("-") { throw Failure(.badCommand, "model_name must not begin with a dash") }
    }

    private static func quoted(_ word: String) -> String { "'" + word.replacing("'", with: "'\\''") + "'" }
}

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

    func has(_ name: String) -> Bool { command.has(name) }

    /// The first value of an option, in either form; the last time it is given counts.
    func option(_ names: String...) -> String? { values(of: names)?.first }

    /// All values of an option: those up to the next option. Nil when it is absent.
    func values(of names: [String]) -> [String]? { command.values(of: names) }

    mutating func add(_ words: String...) { arguments += words }

    /// Adds the loopback where no host is named: an engine is reached through the Gateway and nowhere else.
    mutating func bindToLoopback() {
        if !has("--host") { add("--host", "127.0.0.1") }
    }

    /// The port named in the command, or `free`, which is added.
    mutating func takePort(_ free: Int) -> (number: Int, isOurs: Bool) {
        if let port = command.port { return (port, false) }
        add("--port", "\(free)")
        return (free, true)
    }

    /// A name that would be read as an option is no name.
    static func checkName(_ name: String) throws(Failure) {
        if name.hasPrefix("-") { throw Failure(.badCommand, "model_name must not begin with a dash") }
    }

    private static func quoted(_ word: String) -> String { "'" + word.replacing("'", with: "'\\''") + "'" }
}

import ArgumentParser
import Console
import Files
import Fleet
import Logging

/// A command that runs a role of the platform until it is told to stop.
protocol PlatformCommand: AsyncParsableCommand {
    var shared: PlatformOptions { get }
    /// The options that were typed, beyond the shared ones.
    var typed: [Setting: [String]] { get }
    func run(_ stage: Stage) async throws
}

extension PlatformCommand {
    func run() async throws {
        try await run(Stage(shared, typed: typed))
    }
}

/// What every role finds when it starts: its settings, its data folder, its terminal and a way to log.
struct Stage: Sendable {
    let settings: Settings
    let installation: Installation
    let terminal: Terminal
    private let logLevel: Logger.Level
    private let logFormat: LogFormat

    init(_ shared: PlatformOptions, typed: [Setting: [String]]) throws {
        terminal = Terminal(environment: Process.environment)
        let given = shared.typed.merging(typed) { $1 }.filter { !$0.value.isEmpty }
        do {
            settings = try Settings(
                typed: given, environment: Process.environment,
                file: try Self.file(shared.config ?? Process.variable("IK_CONFIG")))
        } catch let problems as FileProblems {
            throw CommandFailure(
                .wrongUsage, "the --config file has a mistake", why: problems.lines.joined(separator: "\n"),
                next: "mend the file and start again")
        }
        let levels = Logger.Level.allCases.map(\.rawValue)
        logLevel = Logger.Level(rawValue: try settings.choice(.logLevel, of: levels, default: "info")) ?? .info
        let formats = LogFormat.allCases.map(\.rawValue)
        logFormat = LogFormat(rawValue: try settings.choice(.logFormat, of: formats, default: "plain")) ?? .plain
        guard let folder = settings.text(.data).map(Installation.init) ?? .standard(environment: Process.environment)
        else {
            throw CommandFailure(
                .wrongUsage, "there is no place for data: neither HOME nor XDG_DATA_HOME is set",
                next: "give --data DIR")
        }
        installation = folder
    }

    /// A logger whose lines name the component.
    func logger(_ component: String) -> Logger {
        Logger(label: component) { [logLevel, logFormat] label in
            ScrubbingLogHandler(component: label, format: logFormat, logLevel: logLevel)
        }
    }

    /// Tells a person something: as words, or as a log line where the log is for programs.
    func say(_ text: String) {
        switch logFormat {
        case .plain: terminal.say(text)
        case .json: logger("ik").notice("\(text)")
        }
    }

    private static func file(_ path: String?) throws -> (name: String, text: String)? {
        guard let path else { return nil }
        do {
            guard let text = try KeyFile(path).readText() else {
                throw CommandFailure(.wrongUsage, "there is no file \(path)", next: "give --config another file")
            }
            return (path, text)
        } catch let trouble as FileError {
            throw CommandFailure(.wrongUsage, "\(trouble)", next: "give --config a file that can be read")
        }
    }
}

import Console
import InferenceKey
import InferenceKeyWire

/// One client command's view of the platform: where it is, with which credentials, and how to print.
struct Session: Sendable {
    let terminal: Terminal
    /// Base URL of the platform.
    let address: String
    let wantsJSON: Bool
    private let data: Installation?

    init(_ options: ServerOptions) throws {
        terminal = Terminal(environment: Process.environment)
        let given = options.baseURL ?? Process.variable("INFERENCEKEY_BASE_URL")
        address = given ?? "http://127.0.0.1:8080"
        wantsJSON = options.json
        data =
            (options.data ?? Process.variable("IK_DATA")).map(Installation.init)
            ?? Installation.standard(environment: Process.environment)
    }

    /// The operator key: of the environment, else of the data folder on this machine.
    func operatorKey() throws(CommandFailure) -> String {
        if let key = Process.variable("INFERENCEKEY_OPERATOR_KEY") { return key }
        let fix = "export INFERENCEKEY_OPERATOR_KEY=…   # or give --data DIR, the folder that 'ik up' runs on"
        if let data {
            let kept = try data.credential(.operatorKey, in: data.operatorKey, fix: fix)
            if let kept { return kept.revealed }
        }
        throw CommandFailure(
            .notAuthorised, "no operator key was found",
            why: "INFERENCEKEY_OPERATOR_KEY is not set"
                + (data.map { ", and there is no \($0.operatorKey.path)" } ?? ""),
            next: [fix, "ik up   # starts a platform on this machine and makes one"])
    }

    /// What workload commands use: a control token where one is set, else the operator key.
    func workloadCredential() throws(CommandFailure) -> String {
        if let token = Process.variable("INFERENCEKEY_SDK_TOKEN") { return token }
        return try operatorKey()
    }

    /// The project that was named, on the command line or in the environment.
    func project(_ option: ProjectOption) throws(CommandFailure) -> String {
        if let project = namedProject(option) { return project }
        throw CommandFailure(
            .wrongUsage, "No project configured. Set INFERENCEKEY_PROJECT or pass --project.",
            next: ["export INFERENCEKEY_PROJECT=acme", "ik project list"])
    }

    func namedProject(_ option: ProjectOption) -> String? {
        option.project ?? Process.variable("INFERENCEKEY_PROJECT")
    }

    /// Prints data: JSON where it was asked for, else `text`.
    func show(_ json: JSONValue, _ text: @autoclosure () -> String) {
        terminal.print(wantsJSON ? (terminal.outputWidth == nil ? json.text : json.prettyText) : text())
    }

    /// Prints rows: the JSON array, else the table, else a word on stderr that there are none.
    func show(_ rows: [JSONValue], none: String, _ table: () -> Table) {
        if wantsJSON { return show(.array(rows), "") }
        if rows.isEmpty { return say(none) }
        terminal.print(table().text(width: terminal.outputWidth))
    }

    /// Prints words for a person.
    func say(_ text: String) { terminal.say(text) }
}

import Console
import Testing

@Suite("Settings of the platform's roles")
struct SettingsTests {
    private func settings(
        typed: [Setting: [String]] = [:], environment: [String: String] = [:], file: String? = nil
    ) throws -> Settings {
        try Settings(typed: typed, environment: environment, file: file.map { ("ik.yaml", $0) })
    }

    @Test("typed wins over the environment, that over the file, that over the default")
    func precedence() throws {
        let environment = ["IK_LISTEN": "environment:1", "IK_DATA": "/environment"]
        let all = try settings(
            typed: [.listen: ["typed:1"]], environment: environment,
            file: "listen: 'file:1'\ndata: /file\nlog_level: debug")
        #expect(all.text(.listen) == "typed:1")
        #expect(all.text(.data) == "/environment")
        #expect(all.text(.logLevel) == "debug")
        #expect(all.text(.name) == nil)
        #expect(try all.choice(.logFormat, of: ["plain", "json"], default: "plain") == "plain")
    }

    @Test("every setting is read from its own variable", arguments: Setting.allCases)
    func variables(setting: Setting) throws {
        let settings = try settings(environment: [setting.variable: "x"])
        #expect(settings.list(setting) == ["x"] || settings.text(setting) == "x")
    }

    @Test("a blank variable counts as absent")
    func blank() throws { #expect(try settings(environment: ["IK_DATA": ""]).text(.data) == nil) }

    @Test("switches, numbers and lists are read from every source")
    func kinds() throws {
        let fromFile = try settings(file: "no_worker: true\ndrain_seconds: 5\nengine_folder: [/a, /b]")
        #expect(try fromFile.isOn(.noWorker))
        #expect(try fromFile.int(.drainSeconds, in: 0...3600, default: 60) == 5)
        #expect(fromFile.list(.engineFolder) == ["/a", "/b"])
        let fromEnvironment = try settings(environment: ["IK_NO_WORKER": "1", "IK_ENGINE_FOLDER": "/a,/b"])
        #expect(try fromEnvironment.isOn(.noWorker))
        #expect(fromEnvironment.list(.engineFolder) == ["/a", "/b"])
        #expect(try !fromEnvironment.isOn(.stopEngines))
    }

    @Test("a value that cannot be names its option or variable")
    func refusals() throws {
        let settings = try settings(typed: [.drainSeconds: ["soon"]], environment: ["IK_NO_WORKER": "maybe"])
        let flag = #expect(throws: CommandFailure.self) { try settings.isOn(.noWorker) }
        #expect(flag?.what == "IK_NO_WORKER must be true or false, not \"maybe\"")
        let number = #expect(throws: CommandFailure.self) {
            try settings.int(.drainSeconds, in: 0...3600, default: 60)
        }
        #expect(number?.what == "--drain-seconds must be a number from 0 to 3600, not \"soon\"")
        #expect(number?.outcome == .wrongUsage)
        let missing = #expect(throws: CommandFailure.self) { try settings.required(.manager, why: "w") }
        #expect(missing?.next == ["give --manager, set IK_MANAGER, or put manager into the --config file"])
    }

    @Test("an unknown key of the file is told with its line and the nearest key")
    func unknownKey() {
        #expect(
            throws: FileProblems([
                "ik.yaml:2: unknown key \"lisen\"; did you mean \"listen\"?", "ik.yaml:3: data: must not be an array",
            ])
        ) { try settings(file: "# x\nlisen: a\ndata: [b]") }
    }

    @Test(
        "addresses to listen on",
        arguments: [
            ("127.0.0.1:8080", true, "http://127.0.0.1:8080"), ("[::1]:80", true, "http://[::1]:80"),
            ("0.0.0.0:80", false, "http://127.0.0.1:80"), ("localhost:0", true, "http://localhost:0"),
            ("[::]:8080", false, "http://[::1]:8080"),
        ])
    func addresses(text: String, isLoopback: Bool, url: String) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.isLoopback == isLoopback)
        #expect(address.localURL == url)
        #expect(address.description == text)
    }

    @Test("what is no address", arguments: ["8080", ":8080", "a:b", "::1:80", "a:99999", "http://x:1", "[x]:1"])
    func noAddresses(text: String) { #expect(ListenAddress(text) == nil) }
}

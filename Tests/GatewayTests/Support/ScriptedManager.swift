import Fleet
import InferenceKeyWire
import Synchronization

@testable import Gateway

/// The Manager's two Gateway routes: feeds what the test says and keeps what is reported.
final class ScriptedManager: Sendable {
    private struct State {
        var tables: GatewayTables
        var feeds: [ScriptedEngine.Connection] = []
        var reports: [GatewayReport] = []
        var refusals = 0
        var holds = false
        var held: [ScriptedEngine.Connection] = []
        var authorizations: Set<String> = []
    }

    private final class Shared: Sendable {
        let state: Mutex<State>
        init(_ tables: GatewayTables) { state = Mutex(State(tables: tables)) }
    }

    static let credential = Credential(kind: .gateway, id: "abcdef01", secret: String(repeating: "9c", count: 32))

    private let shared: Shared
    private let server: ScriptedEngine

    init(_ tables: GatewayTables, port: Int = 0) async throws {
        let shared = Shared(tables)
        self.shared = shared
        server = try await ScriptedEngine(port: port) { request in
            shared.state.withLock { _ = $0.authorizations.insert(request.header("authorization") ?? "") }
            switch request.path {
            case "/api/gateway/feed":
                request.connection.startStream()
                let tables = shared.state.withLock { state in
                    state.feeds.append(request.connection)
                    return state.tables
                }
                request.connection.event(tables.json.text)
            case "/api/gateway/report":
                let refuses = shared.state.withLock { state in
                    if let report = try? GatewayReport(json: JSONValue(parsing: request.body)) {
                        state.reports.append(report)
                    }
                    state.refusals -= 1
                    if state.holds { state.held.append(request.connection) }
                    return state.refusals >= 0
                }
                if shared.state.withLock({ $0.holds }) { return }
                request.connection.answer("{}", status: refuses ? "503 Service Unavailable" : "200 OK")
            default: request.connection.answer("{}", status: "404 Not Found")
            }
        }
    }

    var port: Int { server.port }
    var reports: [GatewayReport] { shared.state.withLock { $0.reports } }
    var authorizations: Set<String> { shared.state.withLock { $0.authorizations } }

    func publish(_ tables: GatewayTables) {
        let feeds = shared.state.withLock { state in
            state.tables = tables
            return state.feeds
        }
        for feed in feeds { feed.event(tables.json.text) }
    }

    /// The next reports are answered with an error.
    func refuseReports(_ count: Int) { shared.state.withLock { $0.refusals = count } }

    /// The next reports are not answered until they are released.
    func holdReports() { shared.state.withLock { $0.holds = true } }
    var holdsReport: Bool { shared.state.withLock { !$0.held.isEmpty } }

    func releaseReports() {
        let held = shared.state.withLock { state in
            defer { (state.holds, state.held) = (false, []) }
            return state.held
        }
        for connection in held { connection.answer("{}") }
    }

    func stop() async { await server.stop() }
}

import InferenceKey
import LoopbackServer
import Synchronization
import Testing

@Suite("ensure", .timeLimit(.minutes(5)))
struct EnsureTests {
    static let spec = WorkloadSpec(
        name: "Bot", slug: "Support Bot", model: "m", backend: .vllm, command: "vllm serve m")

    static func live(_ change: (inout JSONObject) -> Void = { _ in }) -> JSONObject {
        var object: JSONObject = [
            "id": "wl_1", "name": "Bot", "slug": "support-bot", "project_id": "prj_1", "project_slug": "acme",
            "task_type": "text2text", "backend": "vllm", "model_name": "m", "config": ["command": "vllm serve m"],
            "execution_policy": "fixed", "revision": 3, "status": "ready", "replacement": "recreate",
        ]
        change(&object)
        return object
    }

    /// A control plane of one workload, as an answer to each request.
    final class Plane: Sendable {
        private let workload: Mutex<JSONObject?>
        /// Runs before each answer; may change the workload as somebody else would.
        private let interfere: @Sendable (ReceivedRequest, inout JSONObject?) -> Int?

        init(
            _ workload: JSONObject?,
            interfere: @escaping @Sendable (ReceivedRequest, inout JSONObject?) -> Int? = { _, _ in nil }
        ) {
            self.workload = Mutex(workload)
            self.interfere = interfere
        }

        func answer(_ request: ReceivedRequest, _ reply: Reply) {
            let (status, body): (Int, JSONValue) = workload.withLock { workload in
                if let status = interfere(request, &workload) {
                    return (status, ["error": status == 412 ? "revision_mismatch" : "conflict", "message": "x"])
                }
                let sent = (try? JSONValue(parsing: request.body))?.objectValue ?? [:]
                switch request.method {
                case "GET": return (200, .array(workload.map { [.object($0)] } ?? []))
                case "POST":
                    let made = EnsureTests.live { made in for (key, value) in sent { made[key] = value } }
                    workload = made
                    return (201, .object(made))
                case "PATCH":
                    let revision = workload?["revision"]?.intValue ?? 0
                    if request["if-match"] != "\"\(revision)\"" {
                        return (412, ["error": "revision_mismatch", "message": "x"])
                    }
                    for (key, value) in sent { workload?[key] = value }
                    workload?["revision"] = .int(revision + 1)
                    return (200, .object(workload ?? [:]))
                default:
                    workload = nil
                    return (204, .null)
                }
            }
            if status == 204 { reply.send("HTTP/1.1 204 X\r\n\r\n") } else { reply.json(status, body.text) }
        }
    }

    func server(_ plane: Plane) async throws -> LoopbackServer {
        try await LoopbackServer { request, reply in plane.answer(request, reply) }
    }

    func methods(_ server: LoopbackServer) -> [String] { server.record.requests.map(\.method) }

    @Test("an absent workload is created, whatever the policy", arguments: [OnDrift.reconcile, .fail, .warn, .ignore])
    func create(policy: OnDrift) async throws {
        let server = try await server(Plane(nil))
        let ref = try await server.management().ensure(Self.spec, onDrift: policy)
        #expect(ref == EndpointRef(projectSlug: "acme", workloadSlug: "support-bot", plan: Plan(action: .create)))
        #expect(methods(server) == ["GET", "POST"])
        #expect(server.record.requests[0].target == "/api/projects/acme/workloads?slug=support-bot")
        #expect(server.record.requests[0]["authorization"] == "Bearer \(Made.token)")
        #expect(
            server.record.requests[1].bodyText
                == #"{"name":"Bot","slug":"support-bot","backend":"vllm","model_name":"m","config":{"command":"vllm serve m"}}"#
        )
    }

    @Test("a dry run creates nothing and says what it would do")
    func dryRunOfCreate() async throws {
        let server = try await server(Plane(nil))
        #expect(try await server.management().ensure(Self.spec, onDrift: .dryRun).plan == Plan(action: .create))
        #expect(try await server.management().plan(Self.spec) == Plan(action: .create))
        #expect(methods(server) == ["GET", "GET"])
    }

    @Test("nothing differs, nothing is sent", arguments: OnDrift.allCases)
    func unchanged(policy: OnDrift) async throws {
        let server = try await server(Plane(Self.live()))
        #expect(try await server.management().ensure(Self.spec, onDrift: policy).plan == Plan(action: .none))
        #expect(methods(server) == ["GET"])
    }

    @Test("reconcile patches exactly the fields that differ, against the revision it read")
    func reconcile() async throws {
        let server = try await server(Plane(Self.live { $0["model_name"] = "old" }))
        let plan = try await server.management().ensure(Self.spec).plan
        let change = FieldChange(field: "model_name", from: "old", to: "m", effect: .recreate)
        #expect(plan == Plan(action: .update, changes: [change]))
        let patch = server.record.requests[1]
        #expect(patch.method == "PATCH")
        #expect(patch.target == "/api/workloads/wl_1")
        #expect(patch["if-match"] == "\"3\"")
        #expect(patch.bodyText == #"{"model_name":"m"}"#)
    }

    @Test("the other policies change nothing")
    func otherPolicies() async throws {
        let server = try await server(
            Plane(
                Self.live {
                    $0["model_name"] = "old"; $0["name"] = "Old"
                }))
        let client = try server.management()
        await expect(.validation, "workload drifted from spec: name, model_name") {
            try await client.ensure(Self.spec, onDrift: .fail)
        }
        #expect(
            try await client.ensure(Self.spec, onDrift: .dryRun).plan.changes.map(\.field) == ["name", "model_name"])
        #expect(try await client.ensure(Self.spec, onDrift: .ignore).plan.action == .update)
        let warned = Warnings()
        try await client.onWarning { warned.add($0) }.ensure(Self.spec, onDrift: .warn)
        #expect(warned.all == ["workload support-bot drifted from spec: name, model_name"])
        #expect(methods(server) == ["GET", "GET", "GET", "GET"])
    }

    @Test("a revision that moved is read again and compared again")
    func movedRevision() async throws {
        let plane = Plane(Self.live { $0["model_name"] = "old" }) { request, workload in
            guard request.method == "PATCH", workload?["revision"] == 3 else { return nil }
            workload?["revision"] = 4
            workload?["name"] = "Changed by somebody else"
            return 412
        }
        let server = try await server(plane)
        let plan = try await server.management().ensure(Self.spec).plan
        #expect(plan.changes.map(\.field) == ["name", "model_name"])
        #expect(methods(server) == ["GET", "PATCH", "GET", "PATCH"])
        #expect(server.record.requests[3]["if-match"] == "\"4\"")
    }

    @Test("a create that somebody else won is compared with theirs", arguments: [true, false])
    func createRace(same: Bool) async throws {
        let plane = Plane(nil) { request, workload in
            guard request.method == "POST", workload == nil else { return nil }
            workload = EnsureTests.live { if !same { $0["model_name"] = "theirs" } }
            return 409
        }
        let server = try await server(plane)
        let plan = try await server.management().ensure(Self.spec).plan
        #expect(plan.action == (same ? .none : .update))
        #expect(methods(server) == (same ? ["GET", "POST", "GET"] : ["GET", "POST", "GET", "PATCH"]))
    }

    @Test("an endless race ends with an error")
    func endless() async throws {
        let server = try await server(
            Plane(Self.live { $0["model_name"] = "old" }) { request, _ in request.method == "PATCH" ? 412 : nil })
        await expect(.api, "workload support-bot is being changed by somebody else") {
            try await server.management().ensure(Self.spec)
        }
    }

    @Test("a bad spec, a wrong token and a missing project are told before any request")
    func local() async throws {
        let server = try await server(Plane(nil))
        var blank = Self.spec
        blank.model = " "
        await expect(.validation, "validation error: model must not be blank") {
            try await server.management(token: Made.key).ensure(blank)
        }
        var secret = Self.spec
        secret.config = ["env": ["KEY": .string(Made.key)]]
        await expect(.configuration, "configuration error: secrets must never go in specs") {
            try await server.management().ensure(secret)
        }
        await expect(.permissionDenied, "permission denied [wrong_credential_type]: ik_live_0badcafe… is a data key") {
            try await server.management(token: Made.key).ensure(Self.spec)
        }
        await expect(.configuration, "configuration error: ik_admin_00ff00ff…") {
            try await server.management(token: Made.operatorKey).ensure(Self.spec)
        }
        await expect(
            .configuration, "No project configured. Set INFERENCEKEY_PROJECT, pass project=, or set spec.project."
        ) {
            try await server.management(project: nil).ensure(Self.spec)
        }
        #expect(server.record.requests.isEmpty)
    }

    @Test("the project is the argument's, else the spec's, else the client's")
    func projects() async throws {
        let server = try await server(Plane(Self.live()))
        var spec = Self.spec
        spec.project = "of-spec"
        let client = try server.management()
        try await client.ensure(spec, project: "of-argument")
        try await client.ensure(spec)
        try await client.ensure(Self.spec)
        #expect(
            server.record.requests.map(\.path)
                == ["of-argument", "of-spec", "acme"].map { "/api/projects/\($0)/workloads" })
    }

    @Test("the tools of the platform may use the operator key")
    func operatorKey() async throws {
        let server = try await server(Plane(nil))
        let client = try ManagementClient(baseURL: server.address + "/", credential: Made.operatorKey, project: "acme")
        #expect(try await client.ensure(Self.spec).plan.action == .create)
    }
}

/// Collects warnings.
final class Warnings: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

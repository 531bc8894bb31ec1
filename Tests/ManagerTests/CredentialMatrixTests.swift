import Fleet
import InferenceKeyWire
import Testing
import Transport

@testable import Manager

/// Every route of the table with every kind of caller: the cells come from the table itself, so that a new route is
/// tested before anybody thinks of it.
@Suite("The credential table")
struct CredentialMatrixTests {
    @Test("every cell answers as the specification says")
    func everyCell() async throws {
        try await ManagerHouse.open { house in
            let cast = try await Cast(house)
            let cells = Tally()
            for route in ControlRoutes.table.routes {
                for refusal in cast.refusals(of: route) {
                    let cell = "\(route.method.rawValue) \(route.path) with \(refusal.who)"
                    let answer = try await house.head(
                        route.method.rawValue, cast.path(of: route), route.method == .get ? nil : [:],
                        bearer: refusal.bearer)
                    #expect(answer.head.status == refusal.code.status, "\(cell): \(answer.body.text)")
                    #expect(answer.body["error"]?.stringValue == refusal.code.rawValue, "\(cell)")
                    let id = answer.head["x-request-id"]
                    #expect(id != nil && answer.body["request_id"]?.stringValue == id, "\(cell)")
                    cells.add(1)
                }
            }
            for route in ControlRoutes.table.routes {
                for bearer in cast.welcome(on: route) {
                    let answer = try await house.head(
                        route.method.rawValue, cast.path(of: route), route.method == .get ? nil : [:], bearer: bearer)
                    let cell = "\(route.method) \(route.path): \(answer.body.text)"
                    #expect(![401, 403].contains(answer.head.status), "\(cell)")
                    #expect(answer.head["x-request-id"] != nil)
                    cells.add(1)
                }
            }
            print("measured: \(cells.counts.count) cells of \(ControlRoutes.table.routes.count) routes")
        }
    }

    @Test("only these routes need no credential")
    func openRoutes() {
        let open = ControlRoutes.table.routes.filter { $0.rule == .open }.map(\.path.description)
        #expect(open == ["/healthz", "/readyz", "/metrics", "/api/openapi.json"])
    }

    @Test("the route families have the rules of the specification")
    func families() {
        for route in ControlRoutes.table.routes {
            let path = route.path.description
            switch route.rule {
            case .open: #expect(!path.hasPrefix("/api/admin") && !path.hasPrefix("/api/work"))
            case .project: #expect(path.hasPrefix("/api/projects/:project/workloads"))
            case .workload: #expect(path.hasPrefix("/api/workloads/:id"))
            case .publisher: #expect(path == "/api/tenants/:tenant/custom-backends" && route.method == .post)
            case .operatorOnly: #expect(path.hasPrefix("/api/admin/") || path.hasPrefix("/api/tenants/"))
            case .worker, .join(.worker): #expect(path.hasPrefix("/api/worker/"))
            case .gateway, .join(.gateway): #expect(path.hasPrefix("/api/gateway/"))
            }
        }
    }

    @Test("a tenant's workload looks to another tenant as if it were not there")
    func tenants() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            _ = try await house.admin("POST", "/api/admin/tenants", ["slug": "other"])
            let made = try await house.admin("POST", "/api/admin/projects", ["slug": "theirs", "tenant": "other"])
            let stranger = try await house.makeToken(try #require(made["id"]?.stringValue))
            let id = try #require(try await house.declare(as: try await house.makeToken())["id"]?.stringValue)
            func error(_ path: String) async throws -> String? {
                try await house.send("GET", path, as: stranger).error
            }
            #expect(try await error("/api/workloads/\(id)") == "workload_not_found")
            #expect(try await error("/api/workloads/wl_01ARZ3NDEKTSV4RRFFQ69G5FAV") == "workload_not_found")
            #expect(try await error("/api/projects/acme/workloads") == "project_scope_mismatch")
            #expect(try await error("/api/projects/nothing/workloads") == "project_scope_mismatch")
        }
    }

    @Test("scopes are kept: reading, writing, and saying where")
    func scopes() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let reader = try await house.makeToken("acme", ["scopes": ["workload:read"]])
            let writer = try await house.makeToken("acme", ["scopes": ["workload:write"]])
            #expect(try await house.declare(as: reader).error == "scope_insufficient")
            let id = try #require(try await house.declare(as: writer)["id"]?.stringValue)
            #expect(try await house.send("GET", "/api/workloads/\(id)/status", as: reader).status == 200)
            let pinned = try await house.declare("pinned", with: [("worker_id", "wk_1")], as: writer)
            #expect(pinned.error == "scope_insufficient")
            #expect(pinned["message"]?.stringValue?.contains("assignment:write") == true)
            let cleared = try await house.send("PATCH", "/api/workloads/\(id)", ["gpu_resource_id": nil], as: writer)
            #expect(cleared.error == "scope_insufficient")
            let full = try await house.makeToken()
            #expect(try await house.declare("pinned", with: [("worker_id", "wk_1")], as: full).status == 201)
        }
    }
}

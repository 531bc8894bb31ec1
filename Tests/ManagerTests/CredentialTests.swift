import Fleet
import InferenceKeyWire
import Testing
import Transport

@testable import Manager

@Suite("Credentials over the API")
struct CredentialTests {
    @Test("a secret is shown once, and never again")
    func shownOnce() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken("acme", ["name": "ci"])
            let key = try await house.makeKey("acme", ["grants": ["acme/chat", "*"], "limits": ["rpm": 60]])
            for path in ["/api/admin/tokens", "/api/admin/keys", "/api/admin/tokens/\(token.id)", "/api/admin/audit"] {
                let text = try await house.admin("GET", path).json.text
                #expect(!text.contains(token.secret) && !text.contains(key.secret))
                #expect(!text.contains(SecretHash(of: token).hex))
            }
            let listed = try await house.admin("GET", "/api/admin/tokens/\(token.id)")
            #expect(listed["name"] == "ci" && listed["status"] == "active" && listed["project_slug"] == "acme")
            #expect(listed["scopes"] == ["workload:write", "assignment:write"])
            let keys = try await house.admin("GET", "/api/admin/keys?project=acme").json.arrayValue
            #expect(keys?.first?["grants"] == ["acme/chat", "acme/*"])
            #expect(keys?.first?["limits"]?["rpm"] == 60)
        }
    }

    @Test("a rotation keeps both valid for the overlap, then only the new one")
    func rotation() async throws {
        let clock = ManualTime()
        try await ManagerHouse.open(ids: clock.ids) { house in
            try await house.makeProject()
            let old = try await house.makeToken()
            let rotated = try await house.admin("POST", "/api/admin/tokens/\(old.id)/rotate", ["overlap_seconds": 60])
            #expect(rotated.status == 201 && rotated["replaces"]?.stringValue == old.id)
            let new = try #require(rotated["token"]?.stringValue.flatMap { Credential($0) })
            func status(_ token: Credential) async throws -> Int {
                try await house.send("GET", "/api/projects/acme/workloads", as: token).status
            }
            #expect(try await status(old) == 200)
            #expect(try await status(new) == 200)
            clock.advance(seconds: 61)
            #expect(try await status(old) == 401)
            #expect(try await status(new) == 200)
            let listed = try await house.admin("GET", "/api/admin/tokens/\(old.id)")
            #expect(listed["status"] == "expired")
            #expect(try await house.admin("POST", "/api/admin/tokens/\(old.id)/rotate").error == "conflict")
        }
    }

    @Test("a rotated credential has its whole life before it again")
    func rotatedLife() async throws {
        let clock = ManualTime()
        try await ManagerHouse.open(ids: clock.ids) { house in
            try await house.makeProject()
            let old = try await house.makeToken("acme", ["expires_in_seconds": 1000])
            clock.advance(seconds: 900)
            let rotated = try await house.admin("POST", "/api/admin/tokens/\(old.id)/rotate")
            let new = try #require(rotated["token"]?.stringValue.flatMap { Credential($0) })
            clock.advance(seconds: 999)
            #expect(try await house.send("GET", "/api/projects/acme/workloads", as: new).status == 200)
            clock.advance(seconds: 1)
            #expect(try await house.send("GET", "/api/projects/acme/workloads", as: new).status == 401)
        }
    }

    @Test("a rotation without overlap, and a revocation, are in force with their answer")
    func revocation() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let first = try await house.makeToken()
            let second = try #require(
                try await house.admin("POST", "/api/admin/tokens/\(first.id)/rotate")["token"]?.stringValue
                    .flatMap { Credential($0) })
            #expect(try await house.send("GET", "/api/projects/acme/workloads", as: first).status == 401)
            #expect(try await house.send("GET", "/api/projects/acme/workloads", as: second).status == 200)
            #expect(try await house.admin("DELETE", "/api/admin/tokens/\(second.id)").status == 204)
            #expect(try await house.send("GET", "/api/projects/acme/workloads", as: second).status == 401)
            #expect(try await house.admin("DELETE", "/api/admin/tokens/\(second.id)").status == 204)
            #expect(try await house.admin("DELETE", "/api/admin/keys/\(second.id)").error == "not_found")
        }
    }

    @Test("an expiry is kept")
    func expiry() async throws {
        let clock = ManualTime()
        try await ManagerHouse.open(ids: clock.ids) { house in
            try await house.makeProject()
            let token = try await house.makeToken("acme", ["expires_in_seconds": 100])
            #expect(try await house.send("GET", "/api/projects/acme/workloads", as: token).status == 200)
            clock.advance(seconds: 100)
            #expect(try await house.send("GET", "/api/projects/acme/workloads", as: token).status == 401)
            let past = try await house.admin(
                "POST", "/api/admin/projects/acme/tokens", ["expires_at": "2001-01-01T00:00:00Z"])
            #expect(past["fields"]?["expires_at"]?.stringValue == "must be in the future")
        }
    }

    @Test(
        "a bad request for a key says which field",
        arguments: [
            ([:], "grants"), (["grants": []], "grants"), (["grants": ["other/chat"]], "grants[0]"),
            (["grants": ["A B"]], "grants[0]"), (["grants": ["*"], "limits": ["rpm": 0]], "limits.rpm"),
            (["grants": ["*"], "limits": ["rpn": 1]], "limits.rpn"), (["grants": ["*"], "nme": "x"], "nme"),
        ] as [(JSONValue, String)])
    func badKeys(_ body: JSONValue, _ field: String) async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let answer = try await house.admin("POST", "/api/admin/projects/acme/keys", body)
            #expect(answer.status == 400 && answer["fields"]?[field] != nil, "\(answer.json.text)")
        }
    }

    @Test("the last use is shown, to the minute")
    func lastUse() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            #expect(try await house.admin("GET", "/api/admin/tokens/\(token.id)")["last_used_at"] == .null)
            _ = try await house.send("GET", "/api/projects/acme/workloads", as: token)
            let listed = try await house.admin("GET", "/api/admin/tokens/\(token.id)")
            #expect(listed["last_used_at"]?.stringValue?.hasSuffix(":00.000Z") == true)
            #expect(listed["last_used_plane"] == "control")
        }
    }

    @Test("a project with workloads is not deleted, and an empty one goes with its credentials")
    func projects() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let again = try await house.admin("POST", "/api/admin/projects", ["slug": "acme"])
            #expect(again.status == 200)
            let id = try #require(try await house.declare(as: token)["id"]?.stringValue)
            let refused = try await house.admin("DELETE", "/api/admin/projects/acme")
            #expect(refused.status == 409 && refused.head["x-should-retry"] == "false")
            #expect(try await house.admin("GET", "/api/admin/projects/acme")["workloads"] == 1)
            _ = try await house.send("DELETE", "/api/workloads/\(id)", as: token)
            try await eventually("the empty project is deleted") {
                try await house.admin("DELETE", "/api/admin/projects/acme").status == 204
            }
            #expect(try await house.send("GET", "/api/projects/acme/workloads", as: token).status == 401)
            #expect(try await house.admin("GET", "/api/admin/projects/acme").error == "not_found")
            #expect(try await house.admin("GET", "/api/admin/tokens").json == [])
            let bad = try await house.admin("POST", "/api/admin/projects", ["slug": "Acme Corp"])
            #expect(bad["fields"]?["slug"]?.stringValue?.contains("acme-corp") == true)
        }
    }
}

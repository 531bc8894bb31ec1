import Fleet
import InferenceKeyWire
import Testing
import Transport

@testable import Manager

@Suite("Usage over the API")
struct UsageTests {
    private static func record(
        _ day: String, _ project: ProjectID, _ workload: String, _ key: String, estimated: Bool, _ requests: Int
    ) -> UsageRecord {
        UsageRecord(
            day: day, projectID: project, workloadSlug: workload, keyID: key, isEstimated: estimated,
            requests: requests, failedRequests: estimated ? 1 : 0, tokensIn: 10 * requests, tokensOut: requests,
            milliseconds: 100)
    }

    private func used(_ house: ManagerHouse) async throws {
        try await house.makeProject()
        let project = try #require(house.service.ledger.current.projects.values.first).id
        var gateway = FakeGateway(house)
        try await gateway.report(
            1,
            usage: [
                Self.record("2026-11-24", project, "chat", "k1", estimated: false, 3),
                Self.record("2026-11-24", project, "chat", "k1", estimated: true, 2),
                Self.record("2026-11-24", project, "embed", "k2", estimated: false, 5),
                Self.record("2026-11-25", project, "chat", "k1", estimated: false, 7),
            ])
    }

    private func rows(_ house: ManagerHouse, _ query: String) async throws -> [JSONValue] {
        try #require(try await house.admin("GET", "/api/admin/usage\(query)").json.arrayValue)
    }

    @Test("what no engine can have used is cut, and the sum of it is a number")
    func absurd() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let project = try #require(house.service.ledger.current.projects.values.first).id
            var gateway = FakeGateway(house)
            for key in ["k1", "k2"] {
                var record = Self.record("2026-11-24", project, "chat", key, estimated: false, 1)
                record.tokensOut = .max
                try await gateway.report(1, usage: [record])
            }
            #expect(try await rows(house, "?group_by=project").first?["tokens_out"] == .int(2 << 40))
        }
    }

    @Test("is added up by day, project, workload and key, with its estimated part beside it")
    func usual() async throws {
        try await ManagerHouse.open { house in
            try await used(house)
            let rows = try await rows(house, "")
            #expect(rows.map { $0["requests"]?.intValue } == [5, 5, 7])
            #expect(rows[0]["estimated_requests"] == 2 && rows[0]["estimated_tokens"] == 22)
            #expect(rows[0]["failed_requests"] == 1 && rows[0]["tokens_in"] == 50 && rows[0]["tokens_out"] == 5)
            #expect(rows[0]["project_slug"] == "acme" && rows[0]["estimated"] == .null)
        }
    }

    @Test(
        "is added up by what is asked for",
        arguments: [
            ("key", ["k1:12", "k2:5"]), ("workload", ["chat:12", "embed:5"]),
            ("day", ["2026-11-24:10", "2026-11-25:7"]),
            ("project", ["acme:17"]), ("estimated", ["false:15", "true:2"]), ("day,key", ["k1:5", "k2:5", "k1:7"]),
        ])
    func grouped(_ by: String, _ expected: [String]) async throws {
        let members = [
            "key": "key_id", "workload": "workload_slug", "day": "day", "project": "project_slug",
            "estimated": "estimated", "day,key": "key_id",
        ]
        let member = try #require(members[by])
        try await ManagerHouse.open { house in
            try await used(house)
            let rows = try await rows(house, "?group_by=\(by)")
            let found = rows.map { row in
                "\(row[member]?.stringValue ?? row[member]?.text ?? ""):\(row["requests"]?.intValue ?? 0)"
            }
            #expect(found == expected)
            let keys = rows.first?.objectValue.map { Set($0.keys) }
            #expect(keys == Set(UsageSummary.columns), "what it is not added up by is null, not missing")
        }
    }

    @Test("comes as CSV where that is asked for, by the query or by the header")
    func csv() async throws {
        try await ManagerHouse.open { house in
            try await used(house)
            for (query, accept) in [("?group_by=key&format=csv", "*/*"), ("?group_by=key", "text/csv")] {
                let answer = try await house.send(
                    "GET", "/api/admin/usage\(query)", as: house.operatorKey, headers: [HTTPField("accept", accept)])
                #expect(answer.head["content-type"]?.hasPrefix("text/csv") == true)
                let lines = String(decoding: answer.body, as: UTF8.self).split(separator: "\r\n")
                #expect(lines.count == 3 && lines[0] == UsageSummary.columns.joined(separator: ",")[...])
                #expect(lines[1].hasSuffix(",acme,,k1,,12,1,2,120,12,22,300"), "\(lines[1])")
            }
            let json = try await house.send(
                "GET", "/api/admin/usage?format=json", as: house.operatorKey, headers: [HTTPField("accept", "text/csv")]
            )
            #expect(json.json.arrayValue?.count == 3, "the query counts before the header")
        }
    }

    @Test("refuses what it does not know, by name")
    func refused() async throws {
        try await ManagerHouse.open { house in
            let group = try await house.admin("GET", "/api/admin/usage?group_by=days")
            #expect(group["fields"]?["group_by"]?.stringValue?.contains("did you mean \"day\"") == true)
            #expect(try await house.admin("GET", "/api/admin/usage?format=xml")["fields"]?["format"] != nil)
        }
    }

    @Test("of an earlier run of a Gateway counts once beside that of the new one")
    func runs() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let project = try #require(house.service.ledger.current.projects.values.first).id
            let usage = [Self.record("2026-11-24", project, "chat", "k1", estimated: false, 1)]
            for (run, sequence) in [("gw_old", 7), ("gw_old", 7), (nil, 1), ("gw_old", 8), (nil, 1), (nil, 2)] {
                let report = GatewayReport(
                    gatewayID: "gw_new", usageRun: run, sequence: sequence, tableVersion: 1, draining: [:],
                    usage: usage, lastUsed: [:])
                let answer = try await house.send("POST", "/api/gateway/report", report.json, as: house.gateway)
                #expect(answer.status == 200)
            }
            #expect(try await rows(house, "?group_by=project").first?["requests"] == 4)
            let gateways = try #require(try await house.admin("GET", "/api/admin/gateways").json.arrayValue)
            #expect(gateways.count == 1, "the old run is no Gateway")
        }
    }

    @Test("CSV quotes what would break a line")
    func quoting() {
        let rows: [JSONValue] = [["a": "x,y", "b": "say \"hi\""], ["a": "two\nlines", "b": 3], ["a": nil]]
        #expect(
            CSV.text(rows, columns: ["a", "b"]) == "a,b\r\n\"x,y\",\"say \"\"hi\"\"\"\r\n\"two\nlines\",3\r\n,\r\n")
    }
}

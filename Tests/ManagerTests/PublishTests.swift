import Fleet
import FleetTesting
import Foundation
import InferenceKeyWire
import Testing
import Transport

@testable import Manager

@Suite("Publishing a custom backend")
struct PublishTests {
    /// What only has to look like a gzip file.
    private static func package(_ filler: String = "a", count: Int = 1000) -> [UInt8] {
        [0x1F, 0x8B, 0x08] + Array(String(repeating: filler, count: count).utf8)
    }

    private static let texts = [
        ("name", "Sentiment"), ("slug", "sentiment"), ("version", "1.0.0"), ("task_type", "classification"),
        ("entrypoint", "sentiment.backend:Sentiment"),
    ]

    @Test("gives the record, keeps the bytes under their hash, and is written into the audit log")
    func published() async throws {
        try await ManagerHouse.open { house in
            let answer = try await house.publish(Self.texts, Self.package())
            #expect(answer.status == 201, "\(answer.json.text)")
            var builder = ContentHash.Builder()
            builder.add(Self.package())
            let hash = builder.hash.hex
            #expect(answer["sha256"]?.stringValue == hash && answer["size_bytes"] == 1003)
            for (name, value) in Self.texts { #expect(answer[name]?.stringValue == value) }
            #expect(answer["id"]?.stringValue?.hasPrefix("cb_") == true && answer["created_at"] != nil)
            #expect(house.kept() == ["\(hash).tar.gz"])
            #expect(
                try Data(contentsOf: house.packages.appendingPathComponent("\(hash).tar.gz")) == Data(Self.package()))
            let path = "/api/tenants/default/custom-backends"
            #expect(try await house.admin("GET", path).json.arrayValue == [answer.json])
            #expect(try await house.admin("GET", "\(path)/sentiment").json == answer.json)
            #expect(try await house.admin("GET", "\(path)/sentiment?version=1.0.0").json == answer.json)
            #expect(try await house.admin("GET", "\(path)/sentiment?version=2").error == "not_found")
            #expect(try await house.admin("GET", "\(path)/nobody").error == "not_found")
            let entry = try #require(try await house.admin("GET", "/api/admin/audit?limit=1").json.arrayValue?.first)
            #expect(entry["action"] == "custom_backend.publish" && entry["detail"]?["sha256"]?.stringValue == hash)
        }
    }

    @Test("again with the same package changes nothing; with another one it is a conflict")
    func again() async throws {
        try await ManagerHouse.open { house in
            let first = try await house.publish(Self.texts, Self.package())
            let second = try await house.publish(Self.texts.reversed(), Self.package())
            #expect(second.status == 200 && second.json == first.json)
            let other = try await house.publish(Self.texts, Self.package("b"))
            #expect(other.status == 409 && other.error == "conflict" && other.head["x-should-retry"] == "false")
            #expect(house.kept().count == 1, "nothing is left of the refused package")
            let renamed = try await house.publish(Self.texts.with("entrypoint", "other:Class"), Self.package())
            #expect(renamed.error == "conflict" && renamed["message"]?.stringValue?.contains("entrypoint") == true)
            #expect(house.kept().count == 1, "the package that the record names stays")
            let next = try await house.publish(Self.texts.with("version", "1.0.1"), Self.package())
            #expect(next.status == 201 && next["sha256"] == first["sha256"])
            let newest = try await house.admin("GET", "/api/tenants/default/custom-backends/sentiment")
            #expect(newest["version"] == "1.0.1")
        }
    }

    @Test("many times at once makes one record")
    func concurrent() async throws {
        try await ManagerHouse.open { house in
            let statuses = await withTaskGroup(of: Int.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        while true {
                            let answer = try? await house.publish(Self.texts, Self.package(count: 300_000))
                            if let answer, answer.status != 503 { return answer.status }
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == Array(repeating: 200, count: 11) + [201])
            #expect(house.kept().count == 1)
        }
    }

    @Test("what is wrong is told by field, and nothing is kept", arguments: Wrong.all)
    func wrong(_ wrong: Wrong) async throws {
        try await ManagerHouse.open { house in
            let answer = try await house.publish(wrong.texts, wrong.package)
            #expect(answer.status == 400, "\(wrong.field): \(answer.json.text)")
            let reason = answer["fields"]?[wrong.field]?.stringValue ?? ""
            #expect(reason.contains(wrong.reason), "\(answer.json.text)")
            #expect(house.kept().isEmpty && house.service.ledger.current.customBackends.isEmpty)
        }
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let field: String
        let reason: String
        let texts: [(String, String)]
        var package: [UInt8]? = PublishTests.package()
        var testDescription: String { "\(field): \(reason)" }

        init(_ field: String, _ reason: String, _ value: String? = nil) {
            self.field = field
            self.reason = reason
            texts = value.map { PublishTests.texts.with(field, $0) } ?? PublishTests.texts.filter { $0.0 != field }
        }

        init(file reason: String, _ package: [UInt8]?) {
            field = "file"
            self.reason = reason
            self.package = package
            texts = PublishTests.texts
        }

        static let all: [Wrong] =
            ["name", "slug", "version", "task_type", "entrypoint"].map { Wrong($0, "is required") } + [
                Wrong("name", "blank", " "), Wrong("slug", "lower-case", "Senti Ment"),
                Wrong("slug", "built-in", "vllm"), Wrong("version", "beginning with", "../1"),
                Wrong("version", "1-64", String(repeating: "1", count: 65)),
                Wrong("task_type", "one of", "classify"), Wrong("entrypoint", "MODULE:CLASS", "sentiment"),
                Wrong("entrypoint", "MODULE:CLASS", "a/b:C"),
                Wrong("name", "credential", "ik_live_0a1b2c3d_" + String(repeating: "a", count: 64)),
                Wrong("name", "1024 bytes", String(repeating: "n", count: 2000)),
                Wrong("versoin", "did you mean \"version\"", "1"),
                Wrong(file: "required", nil), Wrong(file: "empty", []),
                Wrong(file: "no gzip", Array("PK\u{3}\u{4}".utf8)),
                Wrong(file: "no gzip", [0x1F]),
            ]
    }

    @Test("a part that stands twice is refused")
    func twice() async throws {
        try await ManagerHouse.open { house in
            let answer = try await house.publish(Self.texts + [("slug", "sentiment")], Self.package())
            #expect(answer["fields"]?["slug"]?.stringValue?.contains("twice") == true, "\(answer.json.text)")
        }
    }

    @Test("a package over the limit is refused, be its length told or not")
    func tooLarge() async throws {
        try await ManagerHouse.open(maxPackageBytes: 100_000) { house in
            let answer = try await house.publish(Self.texts, Self.package(count: 100_000))
            #expect(answer.status == 413 && answer.error == "payload_too_large")
            #expect(answer["fields"]?["file"]?.stringValue?.contains("100000 bytes") == true)
            let huge = try await house.publish(Self.texts, Self.package(count: 3_000_000))
            #expect(huge.status == 413)
            #expect(try await house.publish(Self.texts, Self.package(count: 99_997)).status == 201)
            #expect(house.kept().count == 1)
        }
    }

    @Test("a body that is no form, or ends too early, is refused")
    func noForm() async throws {
        try await ManagerHouse.open { house in
            let path = "/api/tenants/default/custom-backends"
            let json = try await house.admin("POST", path, [:])
            #expect(json.status == 400 && json["fields"]?["content-type"] != nil)
            let form = house.form(Self.texts, Self.package())
            let short = try await house.send(
                "POST", path, as: house.operatorKey, headers: [HTTPField("content-type", form.type)],
                raw: Array(form.body.dropLast(20)))
            #expect(short.status == 400 && short["fields"]?["body"] != nil, "\(short.json.text)")
            #expect(house.kept().isEmpty)
        }
    }

    @Test("a token publishes for its own tenant, with the scope to write")
    func scope() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let writer = try await house.makeToken()
            let reader = try await house.makeToken("acme", ["scopes": ["workload:read"]])
            #expect(try await house.publish(Self.texts, Self.package(), as: reader).error == "scope_insufficient")
            #expect(try await house.publish(Self.texts, Self.package(), as: writer).status == 201)
            let tenant = try #require(house.service.ledger.current.tenants.values.first).id.text
            #expect(try await house.publish(Self.texts, Self.package(), tenant: tenant, as: writer).status == 200)
            #expect(try await house.publish(Self.texts, Self.package(), tenant: "nobody").error == "not_found")
        }
    }

    @Test("a workload on it is refused by field: the package is stored, running it is not possible")
    func declaring() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            func reason(_ backend: JSONValue) async throws -> String {
                let answer = try await house.declare("mine", with: [("backend", backend)], as: token)
                #expect(answer.status == 400)
                return answer["fields"]?["backend"]?.stringValue ?? ""
            }
            #expect(try await reason("sentiment").contains("must be one of"))
            _ = try await house.publish(Self.texts, Self.package())
            #expect(try await reason("sentiment").contains("its package is stored, but running it is not possible"))
            _ = try await house.declare(as: token)
            let patched = try await house.send("PATCH", "/api/workloads/chat", ["backend": "sentiment"], as: token)
            #expect(patched["fields"]?["backend"]?.stringValue?.contains("package is stored") == true)
        }
    }

    @Test("what a crash left is swept at the next start, and what records name stays")
    func sweep() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ik-sweep-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = MemoryStore()
        try await ManagerHouse.open(store: store, packages: folder) { house in
            let answer = try await house.publish(Self.texts, Self.package())
            #expect(answer.status == 201)
        }
        let orphans = [
            "incoming/123-1.part", String(repeating: "ab", count: 32) + ".tar.gz",
        ]
        for name in orphans { try Data([0x1F, 0x8B]).write(to: folder.appendingPathComponent(name)) }
        try await ManagerHouse.open(store: store, packages: folder) { house in
            #expect(house.kept().count == 1)
            let found = try await house.admin("GET", "/api/tenants/default/custom-backends/sentiment")
            let hash = try #require(found["sha256"]?.stringValue)
            #expect(house.kept() == ["\(hash).tar.gz"])
        }
    }

    @Test("a commit that fails loses nothing that was answered, and can be tried again")
    func failingStore() async throws {
        let store = MemoryStore()
        try await ManagerHouse.open(store: store) { house in
            await store.failNextCommit(with: ServiceError(.storageFull, "the disk is full"))
            let refused = try await house.publish(Self.texts, Self.package())
            #expect(refused.status == 507 || refused.status == 201, "the reconciler may have taken the failure")
            #expect([200, 201].contains(try await house.publish(Self.texts, Self.package()).status))
            #expect(house.kept().count == 1)
        }
    }

    @Test("a form may take long as long as it arrives, and a dripping one is cut")
    func slow() async throws {
        var timings = ManagerTimings.quick
        timings.requestDeadline = .milliseconds(300)
        timings.minUploadBytesPerSecond = 1 << 20
        try await ManagerHouse.open(timings: timings) { house in
            let answer = try await RawExchange.run(
                port: house.base.port,
                sending: "POST /api/tenants/default/custom-backends HTTP/1.1\r\nhost: a\r\nauthorization: Bearer "
                    + "\(house.operatorKey.revealed)\r\ncontent-type: multipart/form-data; boundary=x\r\n"
                    + "content-length: 100000\r\n\r\n--x\r\n")
            #expect(!answer.hasPrefix("HTTP/1.1 2"))
            try await eventually("the unfinished package goes") { house.kept().isEmpty }
        }
    }
}

extension [(String, String)] {
    fileprivate func with(_ name: String, _ value: String) -> [(String, String)] {
        filter { $0.0 != name } + [(name, value)]
    }
}

extension ManagerHouse {
    fileprivate func form(_ texts: [(String, String)], _ package: [UInt8]?) -> (type: String, body: [UInt8]) {
        var body: [UInt8] = []
        for (name, value) in texts {
            body += Array("--b0undary\r\ncontent-disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
        }
        if let package {
            body += Array(
                "--b0undary\r\ncontent-disposition: form-data; name=\"file\"; filename=\"p.tar.gz\"\r\n\r\n".utf8)
            body += package + Array("\r\n".utf8)
        }
        return ("multipart/form-data; boundary=b0undary", body + Array("--b0undary--\r\n".utf8))
    }

    fileprivate func publish(
        _ texts: [(String, String)], _ package: [UInt8]?, tenant: String = "default", as caller: Credential? = nil
    ) async throws -> HouseAnswer {
        let form = form(texts, package)
        return try await send(
            "POST", "/api/tenants/\(tenant)/custom-backends", as: caller ?? operatorKey,
            headers: [HTTPField("content-type", form.type)], raw: form.body)
    }

    /// The files of the package folder, unfinished ones too.
    fileprivate func kept() -> [String] {
        ["", "incoming"].flatMap { name in
            let folder = packages.appendingPathComponent(name)
            return (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.filter { $0 != "incoming" }
                ?? []
        }
    }
}

import Foundation
import InferenceKeyWire
import Testing

@testable import Manager

@Suite("The OpenAPI document")
struct OpenAPITests {
    private let document = ManagerService.openAPIDocument

    @Test("api/openapi.json is what the Manager serves; IK_WRITE_OPENAPI=1 writes it anew")
    func file() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("api/openapi.json")
        let text = document.prettyText + "\n"
        if ProcessInfo.processInfo.environment["IK_WRITE_OPENAPI"] == "1" {
            try text.write(to: path, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOf: path, encoding: .utf8)
        #expect(written == text, "run: scripts/openapi")
    }

    @Test("every route is described, once, with its credentials and its refusals")
    func complete() throws {
        var operations = 0
        var ids: Set<String> = []
        for (path, item) in try #require(document["paths"]?.objectValue) {
            for (method, operation) in try #require(item.objectValue) {
                operations += 1
                ids.insert(try #require(operation["operationId"]?.stringValue))
                #expect(operation["summary"]?.stringValue?.hasSuffix(".") == true, "\(method) \(path)")
                let responses = try #require(operation["responses"]?.objectValue)
                #expect(responses.keys.contains { $0.hasPrefix("2") }, "\(method) \(path)")
                #expect(responses["500"] != nil)
                let isOpen = operation["security"]?.arrayValue?.isEmpty == true
                #expect((responses["401"] == nil) == isOpen, "\(method) \(path)")
                let named = (operation["parameters"]?.arrayValue ?? []).filter { $0["in"] == "path" }
                #expect(named.count == path.split(separator: "{").count - 1, "\(method) \(path)")
            }
        }
        #expect(operations == ControlRoutes.table.routes.count)
        #expect(ids.count == operations)
    }

    @Test("every reference leads somewhere")
    func references() throws {
        let schemas = try #require(document["components"]?["schemas"]?.objectValue)
        var found = 0
        func visit(_ value: JSONValue) {
            switch value {
            case .object(let object):
                if let reference = object["$ref"]?.stringValue {
                    found += 1
                    let name = String(reference.dropFirst("#/components/schemas/".count))
                    #expect(reference.hasPrefix("#/components/schemas/") && schemas[name] != nil, "\(reference)")
                }
                for (_, inner) in object { visit(inner) }
            case .array(let items): items.forEach(visit)
            default: break
            }
        }
        visit(document)
        #expect(found > 50)
    }

    @Test("it is served to anybody")
    func served() async throws {
        try await ManagerHouse.open { house in
            let answer = try await house.send("GET", "/api/openapi.json")
            #expect(answer.json == document && answer["openapi"] == "3.1.0")
        }
    }
}

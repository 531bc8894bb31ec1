import InferenceKeyWire
import Testing

@testable import Gateway

@Suite("endpoint target")
struct EndpointTargetTests {
    @Test("a target is taken apart without decoding anything")
    func parts() throws {
        let text = "/endpoint/acme/my-chat/v1/chat/completions?a=%2f..//b"
        let target = try parse(text)
        #expect(part(text, target.project) == "acme")
        #expect(part(text, target.workload) == "my-chat")
        #expect(part(text, target.rest) == "v1/chat/completions")
        #expect(part(text, target.query) == "?a=%2f..//b")
    }

    @Test(
        "a path that two readers could understand in two ways is refused",
        arguments: [
            "/endpoint/acme/chat/../other/v1/models", "/endpoint/acme/chat/./v1/models", "/endpoint/acme//v1/models",
            "/endpoint//acme/chat/v1/models", "/endpoint/acme/chat/v1/%6dodels", "/endpoint/acme/chat%2fv1/models",
            "/endpoint/acme/%2e%2e/v1/models", "/endpoint/acme/chat/v1/models;x=1", "/endpoint/acme/chat/v1\\models",
            "/endpoint/../api/projects", "/endpoint/acme/chat/v1/..", "/endpoint/acme/chat/v1/models/..",
        ])
    func ambiguous(_ text: String) {
        #expect { try parse(text) } throws: { ($0 as? Refusal)?.error.code == .invalidRequest }
    }

    @Test(
        "a path without both names is not found",
        arguments: [
            "/endpoint", "/endpoint/", "/endpoint/acme", "/endpoint/acme/", "/endpoint/acme/chat", "/endpoint?x",
            "/endpoint/ac.me/chat/v1/models", "/endpoint/acme/ch@t/v1/models",
            "/endpoint/acme/\(String(repeating: "a", count: 65))/v1/models",
        ])
    func incomplete(_ text: String) {
        #expect { try parse(text) } throws: { ($0 as? Refusal)?.error.code == .notFound }
    }

    @Test("only /endpoint itself and what is below it belongs to the data plane")
    func planes() {
        for (text, isData) in [
            ("/endpoint", true), ("/endpoint/a", true), ("/endpoint?x", true), ("/endpoints/a", false),
            ("/Endpoint/a", false), ("/api/endpoint/a", false), ("/", false), ("//endpoint/a", false),
        ] {
            let found = Array(text.utf8).withUnsafeBytes {
                EndpointTarget.isBelowEndpoint($0, 0..<text.utf8.count)
            }
            #expect(found == isData, "\(text)")
        }
    }

    private func parse(_ text: String) throws -> EndpointTarget {
        try Array(text.utf8).withUnsafeBytes { try EndpointTarget($0, 0..<text.utf8.count) }
    }

    private func part(_ text: String, _ range: Range<Int>) -> String {
        String(decoding: Array(text.utf8)[range], as: UTF8.self)
    }
}

import InferenceKeyWire
import Testing

@testable import Gateway

@Suite("kinds of bodies")
struct ContentTypeTests {
    private static func post(_ body: String, _ headers: String, path: String = "chat/v1/chat/completions") -> String {
        "POST /endpoint/acme/\(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(Rig.key.revealed)\r\n\(headers)"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test(
        "a body whose model could not be checked is refused",
        arguments: [
            ("Content-Type: text/plain\r\n", 415), ("", 415), ("Content-Type: application/jsonx\r\n", 415),
            ("Content-Type: application/x-www-form-urlencoded\r\n", 415),
            ("Content-Type: multipart/form-data; boundary=a\r\n", 415),
            ("Content-Type: application/json\r\nContent-Type: text/plain\r\n", 400),
            ("Content-Type: text/plain\r\nContent-Type: application/json\r\n", 400),
            ("Content-Type: application/json\r\n", 404), ("Content-Type: Application/JSON ; charset=utf-8\r\n", 404),
        ])
    func refused(_ headers: String, _ status: Int) async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port)) { rig async throws in
            for body in [#"{"model":"evil"}"#, #"{"MODEL":"evil"}"#] {
                let answer = try await rig.call(Self.post(body, headers))
                #expect(answer.status == status)
                if status == 415 { #expect(answer.text.contains("unsupported_media_type")) }
            }
        }
        #expect(engine.requests.isEmpty)
        await engine.stop()
    }

    @Test("a request without a body needs no type, and forms go where files are sent")
    func passed() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(engine.port)) { rig async throws in
            #expect(try await rig.call(Self.post("", "")).status == 200)
        }
        let type = "Content-Type: multipart/form-data; boundary=XX\r\n"
        let form = MultipartModelTests.model + "--XX--\r\n"
        try await Rig.run(.chat(engine.port, task: .audio2text, model: "whisper")) { rig async throws in
            let path = "chat/v1/audio/transcriptions"
            #expect(try await rig.call(Self.post(form, type, path: path)).status == 200)
            let twice = MultipartModelTests.part("Name=model", "evil")
            #expect(try await rig.call(Self.post(twice + form, type, path: path)).status == 400)
        }
        #expect(engine.requests.count == 2)
        await engine.stop()
    }
}

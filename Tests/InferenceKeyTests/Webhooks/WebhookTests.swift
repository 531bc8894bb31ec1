import InferenceKeyWire
import Testing

@testable import InferenceKey

@Suite("webhooks")
struct WebhookTests {
    static let body = Array(#"{"event":"job.completed","job_id":"j1"}"#.utf8)

    static func signed(at seconds: Int64, with secret: String = "a secret") -> [String: String] {
        let message = Array("\(seconds).".utf8) + body
        let code = Hex.encode(MessageAuthentication.code(for: message, key: Array(secret.utf8)))
        return ["X-InferenceKey-Signature": "t=\(seconds),v1=\(code)"]
    }

    @Test("a delivery of this moment is verified by the clock of this machine")
    func now() throws {
        let seconds = ClientTime.system.date().milliseconds / 1000
        let event = try verifyWebhook(Self.body, headers: Self.signed(at: seconds), secret: "a secret")
        #expect(event["job_id"] == "j1")
    }

    @Test("a delivery of another day is not")
    func old() {
        do throws(InferenceKeyError) {
            _ = try verifyWebhook(Self.body, headers: Self.signed(at: 1_000_000_000), secret: "a secret")
            Issue.record("no error")
        } catch {
            #expect(error.kind == .validation)
            #expect(error.code == "timestamp_out_of_tolerance")
        }
    }

    @Test("an error never tells the secret")
    func secrecy() {
        do throws(InferenceKeyError) {
            _ = try verifyWebhook(Self.body, headers: Self.signed(at: 1), secret: "hunter2")
            Issue.record("no error")
        } catch { #expect(!error.message.contains("hunter2")) }
    }

    @Test("a body that is no UTF-8 is an error, and no crash")
    func bytes() {
        let body: [UInt8] = [0xFF, 0xFE]
        let code = MessageAuthentication.code(for: Array("5.".utf8) + body, key: Array("k".utf8))
        do throws(InferenceKeyError) {
            _ = try verifyWebhook(
                body, headers: ["x-inferencekey-signature": "t=5,v1=\(Hex.encode(code))"], secret: "k",
                tolerance: .seconds(300), now: Timestamp(milliseconds: 5000))
            Issue.record("no error")
        } catch { #expect(error.code == "invalid_body") }
    }
}

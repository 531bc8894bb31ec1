import ConformanceVectors
import Testing

@testable import InferenceKey

@Suite("conformance: webhooks and readiness")
struct DeliveryConformanceTests {
    @Test("webhooks", .conformance("webhooks"), arguments: ConformanceCase.all("webhooks"))
    func webhooks(_ sample: ConformanceCase) throws {
        let headers = try #require(sample.given["headers"]?.objectValue)
        let now = try #require(
            sample.given["now"]?.intValue.map { Timestamp(milliseconds: Int64($0) * 1000) }
                ?? Timestamp(rfc3339: try sample.text("now")))
        let tolerance = sample.given["tolerance"]?.doubleValue ?? 300
        let found: JSONValue
        do throws(InferenceKeyError) {
            found = [
                "event": try verifyWebhook(
                    Array(try Self.text(sample, "body").utf8),
                    headers: Dictionary(uniqueKeysWithValues: headers.map { ($0.key, $0.value.stringValue ?? "") }),
                    secret: try Self.text(sample, "secret"), tolerance: .seconds(tolerance), now: now)
            ]
        } catch { found = ["error": error.json] }
        #expect(found == sample.expect)
    }

    private static func text(_ sample: ConformanceCase, _ key: String) throws(InferenceKeyError) -> String {
        guard let text = sample.given[key]?.stringValue else { throw .validation("given.\(key) is no text") }
        return text
    }

    @Test("readiness", .conformance("readiness"), arguments: ConformanceCase.all("readiness"))
    func readiness(_ sample: ConformanceCase) throws {
        let timeout = try #require(sample.given["timeout_ms"]?.intValue)
        let connections = try #require(sample.given["connections"]?.arrayValue)
        var rehearsal = ReadinessRehearsal(slug: try sample.text("slug"), timeout: .milliseconds(timeout))
        #expect(rehearsal.run(connections) == sample.expect)
    }
}

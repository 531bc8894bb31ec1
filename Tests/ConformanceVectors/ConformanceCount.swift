import FoundationEssentials
import InferenceKeyWire
import Synchronization
package import Testing

/// Counts the cases of a subject that pass and fail, and leaves the counts as `swift.json` in the folder that
/// `IK_CONFORMANCE_RESULTS` names, if it names one.
package struct ConformanceCount: TestTrait, TestScoping {
    private static let counts = Mutex<[String: (passed: Int, failed: Int)]>([:])
    private static let folder = ProcessInfo.processInfo.environment["IK_CONFORMANCE_RESULTS"]

    let subject: String

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let failures = Atomic(0)
        let noting = IssueHandlingTrait.compactMapIssues { issue in
            failures.add(1, ordering: .relaxed)
            return issue
        }
        defer { Self.add(subject, passed: failures.load(ordering: .relaxed) == 0) }
        do { try await noting.provideScope(for: test, testCase: testCase, performing: function) } catch {
            failures.add(1, ordering: .relaxed)
            throw error
        }
    }

    private static func add(_ subject: String, passed: Bool) {
        guard let folder else { return }
        counts.withLock { counts in
            counts[subject, default: (0, 0)].passed += passed ? 1 : 0
            counts[subject, default: (0, 0)].failed += passed ? 0 : 1
            let json = JSONObject(
                counts.sorted { $0.key < $1.key }.map {
                    ($0.key, ["passed": .int($0.value.passed), "failed": .int($0.value.failed)])
                })
            do { try Data(JSONValue.object(json).bytes).write(to: URL(fileURLWithPath: "\(folder)/swift.json")) } catch
            {
                Issue.record("the counts cannot be written: \(error)")
            }
        }
    }
}

extension Trait where Self == ConformanceCount {
    /// The test runs one case of the subject at a time.
    package static func conformance(_ subject: String) -> Self { ConformanceCount(subject: subject) }
}

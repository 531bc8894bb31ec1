import Console
import InferenceKeyWire
import Testing

@Suite("How a command ends")
struct OutcomeTests {
    @Test(
        "every kind of error has its exit code",
        arguments: [
            (InferenceKeyError.Kind.configuration, nil, nil, Outcome.wrongUsage),
            (.validation, 400, nil, .failed), (.authentication, 401, nil, .notAuthorised),
            (.permissionDenied, 403, nil, .notAuthorised), (.notFound, 404, nil, .notFound),
            (.rateLimited, 429, nil, .failed), (.api, 409, nil, .conflict), (.api, 412, nil, .conflict),
            (.api, 500, nil, .failed), (.api, 503, "workload_not_ready", .notReadyInTime),
            (.network, nil, nil, .unreachable),
            (.api, 503, "unavailable", .unreachable), (.timeout, nil, nil, .notReadyInTime),
            (.cancelled, nil, nil, .interrupted),
        ] as [(InferenceKeyError.Kind, Int?, String?, Outcome)])
    func exitCodes(kind: InferenceKeyError.Kind, status: Int?, code: String?, expected: Outcome) {
        #expect(Outcome(InferenceKeyError(kind: kind, message: "m", status: status, code: code)) == expected)
    }

    @Test("drift under the policy fail is a conflict")
    func drift() {
        let error = InferenceKeyError(kind: .validation, message: "workload drifted from spec: name")
        #expect(Outcome(error) == .conflict)
    }

    @Test("a failure tells what, why and what to type, and no secret")
    func text() {
        let secret = "ik_sdk_a1b2c3d4_" + String(repeating: "0", count: 64)
        let failure = CommandFailure(.failed, "refused \(secret)", why: "one\ntwo", next: ["ik list", "ik status X"])
        #expect(
            failure.text() == """
                error: refused ik_sdk_a1b2c3d4…
                  why:  one
                        two
                  next: ik list
                        ik status X
                """)
    }

    @Test("a server that does not answer names its address and how to start one")
    func unreachable() {
        let failure = CommandFailure(
            InferenceKeyError(kind: .network, message: "network error: refused"), address: "http://127.0.0.1:8080")
        #expect(failure.outcome == .unreachable)
        #expect(failure.next.first?.hasPrefix("ik up") == true)
        #expect(failure.next.last?.contains("http://127.0.0.1:8080") == true)
    }
}

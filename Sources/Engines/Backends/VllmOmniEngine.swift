import Fleet
package import InferenceKeyWire
package import Worker

/// vLLM-Omni: `vllm serve MODEL --omni`. It is a vLLM in all that a worker sees.
package struct VllmOmniEngine: EngineAdapter {
    private let vllm = VllmEngine()

    package init() {}

    package var backend: Backend { .vllmOmni }

    package func plan(_ order: EngineOrder, on machine: EngineMachine) throws(Failure) -> EnginePlan {
        let standard = ["vllm", "serve", order.replica.modelName, "--omni"]
        var command = try UserCommand(order.replica, standard: standard)
        let isPlainVllm = command.program.split(separator: "/").last == "vllm"
        if isPlainVllm, !command.has("--omni") { command.add("--omni") }
        return try VllmPlan(command, order, machine).plan()
    }

    package func waitUntilReady(
        _ engine: EngineContact, report: @escaping @Sendable (StepProgress) async -> Void
    ) async throws(Failure) {
        try await vllm.waitUntilReady(engine, report: report)
    }

    package func isHealthy(_ engine: EngineContact) async -> Bool { await vllm.isHealthy(engine) }

    // No `activity`: its counters do not cover images, videos and speech, which take minutes and would look hung.

    package func progress(in line: String) -> StepProgress? { vllm.progress(in: line) }

    package func verdict(on log: [String]) -> LogVerdict { vllm.verdict(on: log) }
}

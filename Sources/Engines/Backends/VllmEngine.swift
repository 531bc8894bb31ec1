import Fleet
package import InferenceKeyWire
package import Worker

/// vLLM: `vllm serve MODEL`.
package struct VllmEngine: EngineAdapter {
    package init() {}

    package var backend: Backend { .vllm }

    package func plan(_ order: EngineOrder, on machine: EngineMachine) throws(Failure) -> EnginePlan {
        let command = try UserCommand(order.replica, standard: ["vllm", "serve", order.replica.modelName])
        return try VllmPlan(command, order, machine).plan()
    }

    package func waitUntilReady(
        _ engine: EngineContact, report: @escaping @Sendable (StepProgress) async -> Void
    ) async throws(Failure) {
        try await engine.pollHealthAndModels()
    }

    /// Its health check makes no round trip to the engine core: a hung core is told by ``activity(_:)``.
    package func isHealthy(_ engine: EngineContact) async -> Bool {
        await engine.get("/health")?.isSuccess ?? false
    }

    package func activity(_ engine: EngineContact) async -> EngineActivity? {
        guard let metrics = await engine.metrics() else { return nil }
        return metrics.activity(
            running: ["vllm:num_requests_running"],
            progress: ["vllm:generation_tokens_total", "vllm:prompt_tokens_total", "vllm:request_success_total"])
    }

    package func progress(in line: String) -> StepProgress? {
        PipLines.progress(in: line) ?? VllmLines.progress(in: line) ?? DownloadBar.progress(in: line)
    }

    package func verdict(on log: [String]) -> LogVerdict { FailureTexts.verdict(on: log) }
}

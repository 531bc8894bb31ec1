import Files
import Fleet
package import InferenceKeyWire
package import Worker

/// llama.cpp's server: `llama-server -m FILE`, or `-hf USER/REPOSITORY`.
package struct LlamaCppEngine: EngineAdapter {
    package init() {}

    package var backend: Backend { .llamacpp }

    package func plan(_ order: EngineOrder, on machine: EngineMachine) throws(Failure) -> EnginePlan {
        let model = order.replica.modelName
        let isFile = model.hasPrefix("/") || model.hasSuffix(".gguf")
        var command = try UserCommand(order.replica, standard: ["llama-server", isFile ? "-m" : "-hf", model])
        let program = try command.launcher(on: machine)
        command.bindToLoopback()
        let port = command.takePort(order.freePort)
        var name = command.option("--alias", "-a")
        if name == nil, let first = order.replica.servedNames.first {
            try UserCommand.checkName(first)
            command.add("--alias", first)
            name = first
        }
        var variables = try DevicePinning.variables(for: order.replica, on: machine)
        if !order.replica.engineKey.isEmpty { variables["LLAMA_API_KEY"] = order.replica.engineKey }
        let file = command.option("-m", "--model")
        return .launch(
            EngineLaunch(
                program: program, arguments: command.arguments, variables: variables,
                pathFolders: Folder.parent(of: program).map { [$0] } ?? [], port: port.number, portIsOurs: port.isOurs,
                servedNames: [name ?? model], weights: file.flatMap(LocalModel.weights(at:))))
    }

    /// Health is 503 while the model loads. It asks for no key, so one more question tells that it is our engine that
    /// answers and not somebody else's on the same port.
    package func waitUntilReady(
        _ engine: EngineContact, report: @escaping @Sendable (StepProgress) async -> Void
    ) async throws(Failure) {
        try await engine.poll {
            guard await isHealthy(engine) else { return false }
            return await engine.get("/props", withKey: true)?.isSuccess ?? false
        }
    }

    package func isHealthy(_ engine: EngineContact) async -> Bool {
        await engine.get("/health")?.isSuccess ?? false
    }

    /// Nil unless it was started with `--metrics`. Its count of tokens grows only when a request ends; that of decode
    /// calls grows with every step.
    package func activity(_ engine: EngineContact) async -> EngineActivity? {
        guard let metrics = await engine.metrics() else { return nil }
        return metrics.activity(
            running: ["llamacpp:requests_processing"],
            progress: ["llamacpp:n_decode_total", "llamacpp:prompt_tokens_total"])
    }

    package func progress(in line: String) -> StepProgress? {
        LlamaLines.progress(in: line) ?? DownloadBar.progress(in: line)
    }

    package func verdict(on log: [String]) -> LogVerdict { FailureTexts.verdict(on: log) }
}

import Files
import Fleet
package import InferenceKeyWire
package import Worker

/// Ollama: one `ollama serve` per replica, as it cannot pin models to GPUs. It asks for no key.
package struct OllamaEngine: EngineAdapter {
    package init() {}

    package var backend: Backend { .ollama }

    package func plan(_ order: EngineOrder, on machine: EngineMachine) throws(Failure) -> EnginePlan {
        let command = try UserCommand(order.replica, standard: ["ollama", "serve"])
        let program = try command.launcher(on: machine)
        var variables = try DevicePinning.variables(for: order.replica, on: machine)
        variables["OLLAMA_HOST"] = "127.0.0.1:\(order.freePort)"
        // The model stays loaded, and one replica's start does not prune what another is pulling into the shared folder.
        let declared = order.replica.config["env"]
        for (name, value) in ["OLLAMA_KEEP_ALIVE": "-1", "OLLAMA_NOPRUNE": "1"] where declared?[name] == nil {
            variables[name] = value
        }
        return .launch(
            EngineLaunch(
                program: program, arguments: command.arguments, variables: variables,
                pathFolders: Folder.parent(of: program).map { [$0] } ?? [], port: order.freePort, portIsOurs: true,
                servedNames: [order.replica.modelName]))
    }

    /// The server is up at once and serves nothing yet: the model is pulled if it is not there, loaded, and then listed
    /// as loaded.
    package func waitUntilReady(
        _ engine: EngineContact, report: @escaping @Sendable (StepProgress) async -> Void
    ) async throws(Failure) {
        try await engine.poll { await isHealthy(engine) }
        try await engine.poll { () async throws(Failure) -> Bool in
            guard let tags = await engine.get("/api/tags"), tags.isSuccess else { return false }
            if OllamaModels.names(in: tags.json).contains(OllamaModels.full(engine.modelName)) { return true }
            return try await OllamaPull(engine).run(report)
        }
        await report(StepProgress(step: .loadModel, message: "loading \(engine.modelName)"))
        try await engine.poll { () async throws(Failure) -> Bool in
            guard try await load(engine) else { return false }
            guard let loaded = await engine.get("/api/ps"), loaded.isSuccess else { return false }
            return OllamaModels.names(in: loaded.json).contains(OllamaModels.full(engine.modelName))
        }
    }

    package func isHealthy(_ engine: EngineContact) async -> Bool {
        await engine.get("/api/version")?.isSuccess ?? false
    }

    package func progress(in line: String) -> StepProgress? { nil }

    package func verdict(on log: [String]) -> LogVerdict { FailureTexts.verdict(on: log) }

    /// False when it should be tried again: the server is gone, and its end tells why.
    private func load(_ engine: EngineContact) async throws(Failure) -> Bool {
        let name = JSONValue.string(engine.modelName)
        // A model that only embeds cannot generate.
        let answer =
            engine.taskType == .embedding
            ? await engine.post("/api/embed", ["model": name, "input": "", "keep_alive": -1], limit: .seconds(1800))
            : await engine.post(
                "/api/generate", ["model": name, "keep_alive": -1, "stream": false], limit: .seconds(1800))
        guard let answer else { return false }
        if answer.isSuccess { return true }
        let text = answer.json?["error"]?.stringValue ?? answer.text
        let cause = FailureTexts.cause(of: text) ?? (answer.status == 404 ? .modelNotFound : .engineExited)
        throw Failure(cause, "Ollama did not load \(engine.modelName): \(text)")
    }
}

/// Names in Ollama's lists.
enum OllamaModels {
    /// A name without a tag means the tag `latest`.
    static func full(_ name: String) -> String {
        (name.split(separator: "/").last ?? "").contains(":") ? name : name + ":latest"
    }

    static func names(in list: JSONValue?) -> Set<String> {
        let models = list?["models"]?.arrayValue ?? []
        return Set(models.flatMap { [$0["name"], $0["model"]] }.compactMap { $0?.stringValue }.map(full))
    }
}

import Files
import Fleet
package import InferenceKeyWire
package import Worker

/// SGLang: `sglang serve --model-path MODEL`, or `python -m sglang.launch_server --model-path MODEL`.
package struct SGLangEngine: EngineAdapter {
    package init() {}

    package var backend: Backend { .sglang }

    package func plan(_ order: EngineOrder, on machine: EngineMachine) throws(Failure) -> EnginePlan {
        let standard = ["sglang", "serve", "--model-path", order.replica.modelName]
        var command = try UserCommand(order.replica, standard: standard)
        // SGLang takes its key on the command line only, where every user of the machine reads it in the list of
        // processes: it gets none. It listens on the loopback alone, and the Gateway forwards only the allowed routes.
        let program = try launcher(command, on: machine)
        command.bindToLoopback()
        let port = command.takePort(order.freePort)
        let model = command.option("--model-path", "--model") ?? order.replica.modelName
        var name = command.option("--served-model-name")
        if name == nil, let first = order.replica.servedNames.first {
            try UserCommand.checkName(first)
            command.add("--served-model-name", first)
            name = first
        }
        return .launch(
            EngineLaunch(
                program: program, arguments: command.arguments,
                variables: try DevicePinning.variables(for: order.replica, on: machine),
                pathFolders: Folder.parent(of: program).map { [$0] } ?? [], port: port.number, portIsOurs: port.isOurs,
                servedNames: [name ?? model], weights: LocalModel.weights(at: model)))
    }

    /// `python` is the one that has SGLang: beside its launcher, if that is found.
    private func launcher(_ command: UserCommand, on machine: EngineMachine) throws(Failure) -> String {
        if command.program.hasPrefix("python"), let sglang = machine.finder.program("sglang", for: backend) {
            let python = (Folder.parent(of: sglang) ?? "") + "/" + command.program
            if FileStatus.isProgram(python) { return python }
        }
        return try command.launcher(on: machine)
    }

    /// Not `/v1/models`: that answers before the engine is warm. Its health check runs a real request, up to 20 s.
    package func waitUntilReady(
        _ engine: EngineContact, report: @escaping @Sendable (StepProgress) async -> Void
    ) async throws(Failure) {
        try await engine.poll { await isHealthy(engine) }
    }

    package func isHealthy(_ engine: EngineContact) async -> Bool {
        await engine.get("/health", limit: .seconds(25))?.isSuccess ?? false
    }

    package func progress(in line: String) -> StepProgress? {
        SGLangLines.progress(in: line) ?? VllmLines.progress(in: line) ?? DownloadBar.progress(in: line)
    }

    package func verdict(on log: [String]) -> LogVerdict { FailureTexts.verdict(on: log) }
}

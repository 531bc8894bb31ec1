import Files
import Fleet
import InferenceKeyWire
import Worker

/// An engine that is a shell script: it is ready and healthy while the file of its model's name is there.
struct ScriptEngine: EngineAdapter {
    let backend: Backend = "script"

    func plan(_ order: EngineOrder, on machine: EngineMachine) throws(Failure) -> EnginePlan {
        let port = order.replica.config["port"]?.intValue
        let weights = order.replica.config["weights"]?.intValue
        return .launch(
            EngineLaunch(
                program: order.replica.config["program"]?.stringValue ?? "",
                arguments: ["--port", "\(order.freePort)"],
                variables: ["READY": order.replica.modelName], port: port ?? order.freePort, portIsOurs: port == nil,
                servedNames: ["m"], weights: weights.map { ModelWeights(path: "/m", bytes: Int64($0)) }))
    }

    func waitUntilReady(
        _ engine: EngineContact, report: @escaping @Sendable (StepProgress) async -> Void
    ) async throws(Failure) {
        await report(StepProgress(step: .loadModel))
        try await engine.poll { await isHealthy(engine) }
    }

    func isHealthy(_ engine: EngineContact) async -> Bool { FileStatus(engine.modelName) != nil }

    func progress(in line: String) -> StepProgress? {
        line.hasPrefix("warming up") ? StepProgress(step: .warmUp, message: line) : nil
    }

    func verdict(on log: [String]) -> LogVerdict {
        if let line = log.last(where: { $0.contains("out of memory") }) {
            return LogVerdict(cause: .outOfGPUMemory, line: line)
        }
        return LogVerdict(cause: log.contains { $0.contains("in use") } ? .portInUse : nil, line: log.last)
    }
}

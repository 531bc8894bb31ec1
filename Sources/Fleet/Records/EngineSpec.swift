package import InferenceKeyWire

/// What an engine process is started with: the fields of a workload that it notices.
package struct EngineSpec: Sendable, Hashable {
    package var backend: Backend
    package var taskType: TaskType
    package var modelName: String
    package var config: JSONObject

    package init(backend: Backend, taskType: TaskType, modelName: String, config: JSONObject) {
        self.backend = backend
        self.taskType = taskType
        self.modelName = modelName
        self.config = config
    }

    package init(of workload: WorkloadRecord) {
        self.init(
            backend: workload.backend, taskType: workload.taskType, modelName: workload.modelName,
            config: GatewayConfig.withoutGateway(workload.config ?? [:]))
    }
}

extension EngineSpec {
    /// The command line that was declared, unless it is one that will not be run.
    package var command: EngineCommand? {
        config["command"]?.stringValue.flatMap { try? EngineCommand($0, for: backend) }
    }

    /// The name the engine serves the model under: the command's own where it gives one, else the model's.
    package var servedName: String {
        guard let command else { return modelName }
        switch backend {
        case .vllm, .vllmOmni, .sglang: return command.option("--served-model-name") ?? modelName
        case .llamacpp: return command.option("--alias", "-a") ?? modelName
        default: return modelName
        }
    }

    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        self.init(
            backend: Backend(rawValue: fields.string("backend", required: true) ?? ""),
            taskType: fields.choice("task_type", TaskType.self, required: true) ?? .text2text,
            modelName: fields.string("model_name", required: true) ?? "", config: fields.object("config") ?? [:])
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "backend": .string(backend.rawValue), "task_type": .string(taskType.rawValue),
            "model_name": .string(modelName), "config": .object(config),
        ]
    }
}

import Files
import Fleet
import InferenceKeyWire
import Worker

/// How a vLLM is started: the one that is there, or the exact version that was declared.
struct VllmPlan {
    private var command: UserCommand
    private let order: EngineOrder
    private let machine: EngineMachine

    init(_ command: UserCommand, _ order: EngineOrder, _ machine: EngineMachine) {
        self.command = command
        self.order = order
        self.machine = machine
    }

    func plan() throws(Failure) -> EnginePlan {
        guard let version = try version() else { return .launch(try launch(try command.launcher(on: machine))) }
        if command.program.hasPrefix("/") {
            throw Failure(
                .badCommand, "config.command names its launcher by a path, so config.vllm_version cannot hold")
        }
        let environments = machine.finder.environments(of: order.replica.backend)
        let found = environments.first { VllmVersions.matches($0, wanted: version) }
        if let found { return .launch(try launch("\(found.programs)/\(command.program)")) }
        return .install(
            try VllmVersions.install(version, for: order.replica.backend, beside: environments, on: machine))
    }

    private func version() throws(Failure) -> String? {
        guard let value = order.replica.config["vllm_version"], !value.isNull else { return nil }
        guard let version = value.stringValue, ExactVersion.isValid(version) else {
            throw Failure(.badCommand, "config.vllm_version must be an exact version such as \"0.32.0\"")
        }
        return version
    }

    private func launch(_ program: String) throws(Failure) -> EngineLaunch {
        var command = command
        command.bindToLoopback()
        let port = command.takePort(order.freePort)
        var names = command.values(of: ["--served-model-name"]) ?? []
        if names.isEmpty {
            names = order.replica.servedNames
            for name in names { try UserCommand.checkName(name) }
            if !names.isEmpty { command.add(["--served-model-name"] + names) }
        }
        var variables = try DevicePinning.variables(for: order.replica, on: machine)
        if !order.replica.engineKey.isEmpty { variables["VLLM_API_KEY"] = order.replica.engineKey }
        return EngineLaunch(
            program: program, arguments: command.arguments, variables: variables,
            // The environment's own programs (ninja, a compiler) are called while models are compiled.
            pathFolders: Folder.parent(of: program).map { [$0] } ?? [], port: port.number, portIsOurs: port.isOurs,
            servedNames: names.isEmpty ? [order.replica.modelName] : names, weights: LocalModel.weights(at: model))
    }

    /// The model that the command serves: the word after `serve`, or `--model`.
    private var model: String {
        let position = command.words.firstIndex(of: "serve").map { $0 + 1 } ?? command.words.count
        let word = position < command.words.count ? command.words[position] : nil
        let positional = word.flatMap { $0.hasPrefix("-") ? nil : $0 }
        return positional ?? command.option("--model") ?? order.replica.modelName
    }
}

extension UserCommand {
    mutating func add(_ words: [String]) { for word in words { add(word) } }
}

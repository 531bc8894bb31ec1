import Console
import Engines
import InferenceKeyWire
import Transport
import Worker

extension Stage {
    /// The agent's configuration, of the settings that concern engines.
    func workerConfiguration(
        manager: BaseURL, access: WorkerConfiguration.Access, name: String
    ) throws(CommandFailure) -> WorkerConfiguration {
        var configuration = WorkerConfiguration(
            manager: manager, dataFolder: installation.workerFolder.path, access: access, name: name,
            agentVersion: Product.version)
        configuration.engineSearchPath = settings.list(.enginePath)
        configuration.engineFolders = engineFolders
        configuration.engineVariables = try engineVariables()
        configuration.allowsAbsoluteLaunchers = try settings.isOn(.absoluteLaunchers)
        configuration.stopsEnginesOnExit = try settings.isOn(.stopEngines)
        configuration.vllmPackage = PythonPackage(
            name: settings.text(.vllmPackage) ?? PythonPackage().name, index: settings.text(.vllmIndex))
        return configuration
    }

    /// The agent itself.
    func workerAgent(_ configuration: WorkerConfiguration) -> WorkerAgent {
        WorkerAgent(
            configuration, adapters: BuiltInEngines.all,
            inventory: MachineInventory(configuration: configuration, environment: Process.environment),
            environment: Process.environment, logger: logger("worker"))
    }

    /// Those that were given, else the one in the user's cache.
    private var engineFolders: [String] {
        let given = settings.list(.engineFolder)
        guard given.isEmpty else { return given }
        let home = Process.variable("HOME").map { $0 + "/.cache" }
        return (Process.variable("XDG_CACHE_HOME") ?? home).map { [$0 + "/inferencekey/engines"] } ?? []
    }

    private func engineVariables() throws(CommandFailure) -> [String: String] {
        var variables: [String: String] = [:]
        for text in settings.list(.engineVariable) {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw settings.refusal(.engineVariable, text, "NAME=VALUE")
            }
            variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        return variables
    }
}

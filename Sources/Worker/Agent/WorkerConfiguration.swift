package import InferenceKeyWire
package import Transport

/// How one worker's agent runs.
package struct WorkerConfiguration: Sendable {
    /// How the agent shows who it is.
    package enum Access: Sendable, Hashable {
        /// It is known already, as in `ik up`.
        case credential(Credential)
        /// It joins with this token, unless it has a credential in its data folder from an earlier join.
        case join(token: Credential)
        /// It has joined before.
        case joined
    }

    package var manager: BaseURL
    package var dataFolder: String
    package var access: Access
    /// What it is called when it joins; the host's name by default.
    package var name: String
    package var agentVersion: String
    /// Folders with engine programs, before those of `PATH`.
    package var engineSearchPath: [String] = []
    /// Folders with engine environments: `FOLDER/vllm/0.32.0/bin/vllm`.
    package var engineFolders: [String] = []
    /// Given to every engine, on top of the clean environment.
    package var engineVariables: [String: String] = [:]
    /// Whether a workload's command may name its launcher by an absolute path.
    package var allowsAbsoluteLaunchers = false
    package var vllmPackage = PythonPackage()
    /// Whether engines end with the agent. Otherwise they run on, and its next run takes them over.
    package var stopsEnginesOnExit = false
    /// From SIGTERM to SIGKILL.
    package var stopGrace = Duration.seconds(30)
    package var logs = LogLimits()
    package var policy = RestartPolicy()
    package var health = HealthLimits()
    /// At the latest so long after the last one an observation is posted.
    package var observeEvery = Duration.seconds(5)
    /// The machine is looked at again after so long.
    package var inventoryEvery = Duration.seconds(60)
    /// Replicas of the last known assignment that do not run are started without the Manager after so long.
    package var mirrorGrace = Duration.seconds(10)

    package init(
        manager: BaseURL, dataFolder: String, access: Access, name: String, agentVersion: String
    ) {
        self.manager = manager
        self.dataFolder = dataFolder
        self.access = access
        self.name = name
        self.agentVersion = agentVersion
    }

    /// Looks where this configuration says, in `PATH`, and among what the worker installed itself.
    package func finder(environment: [String: String]) -> EngineFinder {
        let path = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return EngineFinder(
            searchPath: engineSearchPath + path, engineFolders: engineFolders + ["\(dataFolder)/engines"])
    }
}

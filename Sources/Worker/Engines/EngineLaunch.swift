/// One engine process as its adapter wants it.
package struct EngineLaunch: Sendable, Hashable {
    /// An absolute path.
    package var program: String
    package var arguments: [String]
    /// On top of the clean environment; they win over everything but the marker.
    package var variables: [String: String]
    /// Folders that come first in its `PATH`.
    package var pathFolders: [String]
    package var port: Int
    /// The agent chose the port; it is not named in the user's command.
    package var portIsOurs: Bool
    /// The names it answers to, the first as it names itself.
    package var servedNames: [String]
    /// What it is going to hold in memory at the least, if that is known.
    package var weights: ModelWeights?

    package init(
        program: String, arguments: [String], variables: [String: String] = [:], pathFolders: [String] = [], port: Int,
        portIsOurs: Bool, servedNames: [String], weights: ModelWeights? = nil
    ) {
        self.program = program
        self.arguments = arguments
        self.variables = variables
        self.pathFolders = pathFolders
        self.port = port
        self.portIsOurs = portIsOurs
        self.servedNames = servedNames
        self.weights = weights
    }
}

/// A model on this machine's disk.
package struct ModelWeights: Sendable, Hashable {
    package var path: String
    package var bytes: Int64

    package init(path: String, bytes: Int64) {
        self.path = path
        self.bytes = bytes
    }
}

/// An engine version to be installed into a folder of its own before it can be run.
package struct EngineInstall: Sendable, Hashable {
    package struct Step: Sendable, Hashable {
        /// For people: what it does.
        package var message: String
        /// An absolute path.
        package var program: String
        package var arguments: [String]
        /// What must not be seen in the list of processes, such as an index with its password.
        package var variables: [String: String]

        package init(
            _ message: String, _ program: String, _ arguments: [String], variables: [String: String] = [:]
        ) {
            self.message = message
            self.program = program
            self.arguments = arguments
            self.variables = variables
        }
    }

    /// Such as `vLLM 0.32.0`.
    package var name: String
    package var folder: String
    package var steps: [Step]
    /// The whole reason, and what to do, when it cannot be installed.
    package var advice: String

    package init(name: String, folder: String, steps: [Step], advice: String) {
        self.name = name
        self.folder = folder
        self.steps = steps
        self.advice = advice
    }
}

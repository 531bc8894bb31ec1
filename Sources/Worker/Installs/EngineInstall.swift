/// An engine version to be installed into a folder of its own before it can be run.
package struct EngineInstall: Sendable, Hashable {
    package struct Step: Sendable, Hashable {
        /// For people: what it does.
        package var message: String
        /// An absolute path.
        package var program: String
        package var arguments: [String]

        package init(_ message: String, _ program: String, _ arguments: [String]) {
            self.message = message
            self.program = program
            self.arguments = arguments
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

import FoundationEssentials

/// This process.
enum Process {
    /// The environment it was started with.
    static let environment = ProcessInfo.processInfo.environment

    /// A variable that is there and not blank.
    static func variable(_ name: String) -> String? {
        environment[name].flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
    }
}

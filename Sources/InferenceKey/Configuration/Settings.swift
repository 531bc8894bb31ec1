/// Where settings come from: an explicit argument, else the environment, else a default. Blank values count as absent.
package struct Settings: Sendable {
    /// Looks a variable of the environment up.
    package typealias Environment = @Sendable (String) -> String?

    /// The local installation: a credential never goes to a host that the user did not name.
    package static let defaultBaseURL = "http://127.0.0.1:8080"

    private let environment: Environment
    private let spelling: ArgumentSpelling

    package init(
        environment: @escaping Environment = ProcessEnvironment.variable, spelling: ArgumentSpelling = .swift
    ) {
        self.environment = environment
        self.spelling = spelling
    }

    package func baseURL(_ argument: String?) -> String {
        var text = Self.given(argument) ?? variable("INFERENCEKEY_BASE_URL") ?? Self.defaultBaseURL
        while text.last == "/" { text.removeLast() }
        return text
    }

    package func project(_ argument: String?) -> String? { Self.given(argument) ?? variable("INFERENCEKEY_PROJECT") }

    package func sdkToken(_ argument: String?) throws(InferenceKeyError) -> String {
        if let token = Self.given(argument) ?? variable("INFERENCEKEY_SDK_TOKEN") { return token }
        let name = spelling.argument("sdk_token")
        throw InferenceKeyError(
            kind: .configuration,
            message: "No ik_sdk_ control token. Set INFERENCEKEY_SDK_TOKEN or pass \(name).")
    }

    package func apiKey(_ argument: String?) -> String? { Self.given(argument) ?? variable("INFERENCEKEY_API_KEY") }

    /// The first project that is given. Throws where there is none.
    package static func required(project candidates: String?...) throws(InferenceKeyError) -> String {
        for candidate in candidates { if let project = given(candidate) { return project } }
        throw InferenceKeyError(
            kind: .configuration,
            message: "No project configured. Set INFERENCEKEY_PROJECT, pass project=, or set spec.project.")
    }

    /// The first key that is given. Throws where there is none.
    package static func required(
        apiKey candidates: String?..., workload: String, spelling: ArgumentSpelling
    ) throws(InferenceKeyError) -> String {
        for candidate in candidates { if let key = given(candidate) { return key } }
        let name = spelling.argument("api_key")
        throw InferenceKeyError(
            kind: .configuration,
            message: "No ik_live_ key for workload \"\(workload)\". Pass \(name) or set INFERENCEKEY_API_KEY.")
    }

    /// `text` without white space around it, or nil when nothing is left.
    package static func given(_ text: String?) -> String? {
        guard var text = text?[...] else { return nil }
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text.isEmpty ? nil : String(text)
    }

    private func variable(_ name: String) -> String? { Self.given(environment(name)) }
}

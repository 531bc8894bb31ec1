import InferenceKey
import InferenceKeyWire

extension Client {
    /// Reads the configuration of a client, as the header describes it.
    static func configured(by bytes: [UInt8]) throws(InferenceKeyError) -> Client {
        var given = try Arguments(parsing: bytes)
        let options = try given.options(over: ClientOptions())
        let spelling = given.choice("language", ArgumentSpelling.self) ?? .swift
        let settings = Settings(environment: given.environment(), spelling: spelling)
        let (baseURL, project) = (given.text("base_url"), given.text("project"))
        switch given.choice("plane", PlaneName.self) {
        case .control?:
            let token = given.text("sdk_token")
            try given.finish()
            let client = try ManagementClient.from(
                settings, baseURL: baseURL, project: project, sdkToken: token, options: options)
            return Client(plane: .control(client), options: options)
        case .data?:
            let key = given.text("api_key")
            try given.finish()
            let client = try DataClient(
                settings, baseURL: baseURL, project: project, apiKey: key, options: options, spelling: spelling)
            return Client(plane: .data(client), options: options)
        case nil:
            given.reject("plane", "must be control or data")
            try given.finish()
            throw .validation("plane must be control or data", fields: ["plane": "must be control or data"])
        }
    }

    private enum PlaneName: String, CaseIterable { case control, data }
}

extension Arguments {
    /// The variables under `environment`, and no others.
    mutating func environment() -> Settings.Environment {
        let variables = object("environment") ?? [:]
        return { variables[$0]?.stringValue }
    }
}

package import Transport

/// Calls workloads. Has no provisioning method: workloads are declared with a ``ManagementClient``.
///
/// Safe to use from many tasks; its endpoints share one pool of connections.
///
/// ```swift
/// let data = try DataClient.fromEnvironment(project: "acme")
/// let answer = try await data.endpoint("support-bot").generateText(prompt: "Hola", maxTokens: 300)
/// ```
public struct DataClient: Sendable {
    /// The project whose workloads are called.
    public let project: String
    private let baseURL: String
    /// Nil for a base URL that is none, which ``endpoint(_:apiKey:)`` says.
    private let base: BaseURL?
    private let apiKey: String?
    private let options: ClientOptions
    private let spelling: ArgumentSpelling
    private let parts: Parts

    /// What tests put in place of the real thing.
    package struct Parts: Sendable {
        package var http: HTTPClient
        package var time: ClientTime

        package init(http: HTTPClient = HTTPClient(), time: ClientTime = .system) {
            self.http = http
            self.time = time
        }
    }

    /// - Parameters:
    ///   - baseURL: of the platform; the local installation when nil.
    ///   - apiKey: the data key, `ik_live_…`, of endpoints that are not given their own.
    public init(
        baseURL: String? = nil, project: String, apiKey: String? = nil, options: ClientOptions = .init()
    ) throws(InferenceKeyError) {
        try self.init(
            Settings(environment: { _ in nil }), baseURL: baseURL, project: project, apiKey: apiKey, options: options)
    }

    /// Takes what is not given from `INFERENCEKEY_API_KEY`, `INFERENCEKEY_PROJECT` and `INFERENCEKEY_BASE_URL`.
    public static func fromEnvironment(
        baseURL: String? = nil, project: String? = nil, apiKey: String? = nil, options: ClientOptions = .init()
    ) throws(InferenceKeyError) -> DataClient {
        try DataClient(Settings(), baseURL: baseURL, project: project, apiKey: apiKey, options: options)
    }

    package init(
        _ settings: Settings, baseURL: String? = nil, project: String? = nil, apiKey: String? = nil,
        options: ClientOptions = .init(), spelling: ArgumentSpelling = .swift, parts: Parts = .init()
    ) throws(InferenceKeyError) {
        self.baseURL = settings.baseURL(baseURL)
        base = BaseURL(self.baseURL)
        self.project = try Settings.required(project: settings.project(project))
        self.apiKey = settings.apiKey(apiKey)
        self.options = options
        self.spelling = spelling
        self.parts = parts
    }

    /// The endpoint of one workload.
    /// - Parameter apiKey: the data key to call it with; the client's own when nil.
    /// - Throws: a configuration error where there is no key, a permission error for a credential of another plane.
    public func endpoint(_ slug: String, apiKey: String? = nil) throws(InferenceKeyError) -> Endpoint {
        guard let canonical = Slug.make(from: slug) else {
            throw .validation("slug needs a letter or a digit", fields: ["slug": "needs a letter or a digit"])
        }
        let key = try Settings.required(apiKey: apiKey, self.apiKey, workload: canonical, spelling: spelling)
        try CredentialCheck.data(key)
        let caller: Caller
        if let base {
            caller = try Caller(base: base, credential: key, options: options, http: parts.http, time: parts.time)
        } else {
            caller = try Caller(
                baseURL: baseURL, credential: key, options: options, http: parts.http, time: parts.time)
        }
        return Endpoint(caller: caller, project: project, workloadSlug: canonical)
    }
}

/// Declares workloads and looks after them. Has no inference method: endpoints are called with a ``DataClient``.
///
/// Safe to use from many tasks; copies share one pool of connections.
///
/// ```swift
/// let management = try ManagementClient.fromEnvironment(project: "acme")
/// let ref = try await management.ensure(
///     WorkloadSpec(name: "support-bot", slug: "support-bot", model: "Qwen/Qwen2.5-0.5B-Instruct", backend: .vllm))
/// try await management.waitUntilReady(ref.workloadSlug)
/// ```
public struct ManagementClient: Sendable {
    /// The project of calls and specs that name none.
    public let project: String?
    var connection: ControlConnection
    private let acceptsOperatorKey: Bool
    var warn: @Sendable (String) -> Void = StandardError.write

    /// - Parameters:
    ///   - baseURL: of the platform; the local installation when nil.
    ///   - sdkToken: a control token, `ik_sdk_…`.
    ///   - project: the slug of the project that calls are about unless they name another.
    public init(
        baseURL: String? = nil, sdkToken: String, project: String? = nil, options: ClientOptions = .init()
    ) throws(InferenceKeyError) {
        let settings = Settings(environment: { _ in nil })
        try self.init(
            connection: ControlConnection(
                baseURL: settings.baseURL(baseURL), credential: settings.sdkToken(sdkToken), options: options),
            project: project)
    }

    /// Takes what is not given from `INFERENCEKEY_SDK_TOKEN`, `INFERENCEKEY_PROJECT` and `INFERENCEKEY_BASE_URL`.
    public static func fromEnvironment(
        baseURL: String? = nil, project: String? = nil, sdkToken: String? = nil, options: ClientOptions = .init()
    ) throws(InferenceKeyError) -> ManagementClient {
        try from(Settings(), baseURL: baseURL, project: project, sdkToken: sdkToken, options: options)
    }

    package static func from(
        _ settings: Settings, baseURL: String? = nil, project: String? = nil, sdkToken: String? = nil,
        options: ClientOptions = .init()
    ) throws(InferenceKeyError) -> ManagementClient {
        try ManagementClient(
            connection: ControlConnection(
                baseURL: settings.baseURL(baseURL), credential: settings.sdkToken(sdkToken), options: options),
            project: settings.project(project))
    }

    /// With a control token or the operator key, for the tools of the platform itself.
    package init(
        baseURL: String, credential: String, project: String?, options: ClientOptions = .init()
    ) throws(InferenceKeyError) {
        try self.init(
            connection: ControlConnection(
                baseURL: Settings(environment: { _ in nil }).baseURL(baseURL), credential: credential,
                options: options),
            project: project, acceptsOperatorKey: true)
    }

    package init(connection: ControlConnection, project: String?, acceptsOperatorKey: Bool = false) {
        self.connection = connection
        self.project = Settings.given(project)
        self.acceptsOperatorKey = acceptsOperatorKey
    }

    /// The same client with other options; connections are shared.
    public func with(_ options: ClientOptions) -> ManagementClient {
        var copy = self
        copy.connection.options = options
        return copy
    }

    /// The same client that hands the warnings of the policy `warn` to `handler` instead of standard error.
    public func onWarning(_ handler: @escaping @Sendable (String) -> Void) -> ManagementClient {
        var copy = self
        copy.warn = handler
        return copy
    }

    func checkCredential() throws(InferenceKeyError) {
        try CredentialCheck.control(connection.credential, acceptsOperatorKey: acceptsOperatorKey)
    }

    /// The settings in force for calls about the workload.
    package func settings(for slug: String) throws(InferenceKeyError) -> JSONValue {
        [
            "base_url": .string(connection.baseURL), "credential": .string(connection.credential),
            "project": .string(try place(slug, nil).project),
        ]
    }

    /// The path of a project's workloads.
    func workloadsPath(in project: String, _ query: [(String, String?)] = []) -> String {
        "/api/projects/\(PathSegment.encode(project))/workloads" + PathSegment.query(query)
    }
}

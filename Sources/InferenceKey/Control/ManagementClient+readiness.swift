extension ManagementClient {
    /// The server sends a comment every 15 s; a stream that is silent for longer than this is dropped.
    static let readinessSilence = Duration.seconds(45)

    /// Returns when the workload is ready, with the event that said so.
    ///
    /// A dropped connection is opened again after 1, 2, 4, then every 5 s; a bare end is never taken for success.
    /// - Parameter onProgress: called for each event that says something new, in order.
    /// - Throws: an `api` error whose `code` is the cause when the workload cannot become ready; `timeout` when the time
    ///   is up.
    @discardableResult
    public func waitUntilReady(
        _ slug: String, timeout: Duration = .seconds(600), project: String? = nil,
        onProgress: (@Sendable (ReadinessEvent) -> Void)? = nil
    ) async throws(InferenceKeyError) -> ReadinessEvent {
        let place = try place(slug, project)
        let path = workloadsPath(in: place.project) + "/\(place.slug)/readiness-events"
        // The loop below is the retry.
        var options = connection.options
        options.maxRetries = 0
        options.streamIdleTimeout = min(options.streamIdleTimeout, Self.readinessSilence)
        let watch = ReadinessWait(
            connection: with(options).connection, path: path, slug: place.slug, onProgress: onProgress)
        return try await watch.run(for: timeout)
    }
}

import InferenceKeyWire
import Worker

extension EngineContact {
    /// Waits for a healthy engine that lists one of our names to the holder of our key: that it is up, that it is ours,
    /// and that it serves the model.
    func pollHealthAndModels() async throws(Failure) {
        try await poll {
            guard await get("/health")?.isSuccess ?? false else { return false }
            guard let models = await get("/v1/models", withKey: true), models.isSuccess else { return false }
            let names = (models.json?["data"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
            return names.contains(where: servedNames.contains)
        }
    }

    func metrics() async -> PrometheusText? {
        guard let answer = await get("/metrics", withKey: true), answer.isSuccess else { return nil }
        return PrometheusText(answer.text)
    }
}

/// What a forecasting backend answered.
public struct ForecastResult: Sendable, Hashable {
    /// The answer untouched.
    public var raw: JSONValue
}

extension Endpoint {
    /// Asks a workload of the task `forecast`.
    /// - Parameter body: what its backend takes, sent untouched.
    public func forecast(_ body: JSONObject) async throws(InferenceKeyError) -> ForecastResult {
        ForecastResult(raw: try await json(Call("POST", platformPath("/forecast"), json: .object(body))).json)
    }
}

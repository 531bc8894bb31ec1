import InferenceKey

/// What this program is.
enum Product {
    /// Semantic version of the platform, its API and this tool.
    static let version = SDKVersion.current
}

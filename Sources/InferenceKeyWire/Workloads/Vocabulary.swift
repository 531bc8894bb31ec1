/// The engine kind of a workload: one of the five built in, or the slug of a custom backend.
public struct Backend: Sendable, Hashable, RawRepresentable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { self.init(rawValue: value) }
    public var description: String { rawValue }

    public static let vllm = Backend(rawValue: "vllm")
    public static let vllmOmni = Backend(rawValue: "vllm-omni")
    public static let sglang = Backend(rawValue: "sglang")
    public static let ollama = Backend(rawValue: "ollama")
    public static let llamacpp = Backend(rawValue: "llamacpp")

    public static let builtIn: [Backend] = [.vllm, .vllmOmni, .sglang, .ollama, .llamacpp]
}

/// What a workload does.
public enum TaskType: String, Sendable, Hashable, CaseIterable {
    case text2text, embedding, text2image, text2video, text2audio, image2image, image2video, audio2text, omni
    case reranker, classification, reward, forecast
}

/// How many replicas run, and when.
public enum ExecutionPolicy: String, Sendable, Hashable, CaseIterable {
    case fixed, scheduled, autoscaling
}

/// What `ensure` does when the live workload differs from the spec.
public enum OnDrift: String, Sendable, Hashable, CaseIterable {
    /// Change the live workload (the default).
    case reconcile
    /// Throw, naming the fields.
    case fail
    /// Change nothing and return the plan.
    case dryRun = "dry_run"
    /// Warn and return the reference.
    case warn
    /// Return the reference.
    case ignore
}

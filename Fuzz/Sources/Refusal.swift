import InferenceKeyWire

/// Stands in for the Gateway's own, which knows of limits and tables.
struct Refusal: Error {
    init(_ code: ErrorCode, _ message: String, param: String? = nil) {}
}

import InferenceKeyWire

extension JSONValue {
    /// Arrays within arrays, so many.
    static func nested(_ depth: Int) -> JSONValue { (0..<depth).reduce(.null) { value, _ in [value] } }
}

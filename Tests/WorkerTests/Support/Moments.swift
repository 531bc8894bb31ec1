import InferenceKeyWire

/// A moment of a test's own time.
func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

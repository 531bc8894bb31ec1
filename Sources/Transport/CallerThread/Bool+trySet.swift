extension Bool {
    /// Sets it; false when it was set already.
    package mutating func trySet() -> Bool {
        if self { return false }
        self = true
        return true
    }
}

import CSockets

/// Why a system call failed, in words.
enum SystemReason {
    static func text(_ code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            csockets_reason(code, buffer.baseAddress, buffer.count).map { String(cString: $0) } ?? "errno \(code)"
        }
    }
}

extension TransportError {
    /// - Parameter code: minus an errno.
    static func noDescriptors(_ code: Int32) -> TransportError {
        let reason = SystemReason.text(-code)
        return .connect("no more connections can be had (\(reason)); raise the limit of open files (ulimit -n)")
    }
}

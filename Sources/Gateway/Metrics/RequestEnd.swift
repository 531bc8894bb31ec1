/// How a request of the data plane ended.
enum RequestEnd: Int, Sendable, Hashable, CaseIterable {
    /// The engine's answer was passed on whole.
    case finished
    /// The engine answered with an error, or could not be got to answer.
    case failed
    /// The answer had begun and broke off.
    case cut
    case clientLeft
    /// Answered by the Gateway before an engine was asked.
    case refused

    /// As metrics, log lines and spans spell it.
    var name: StaticString {
        switch self {
        case .finished: "finished"
        case .failed: "failed"
        case .cut: "cut"
        case .clientLeft: "client_left"
        case .refused: "refused"
        }
    }
}

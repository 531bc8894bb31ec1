import Fleet
import InferenceKeyWire

extension RateState {
    /// The refusal of a request over a limit.
    var refusal: Refusal? {
        switch refusedBy {
        case nil: nil
        case .requests:
            Refusal(
                .rateLimited, "\(whose) limit of \(limits.requestsPerMinute ?? 0) requests a minute is used up",
                retryAfterMilliseconds: resetMilliseconds, rate: self)
        case .tokens:
            Refusal(
                .rateLimited, "\(whose) limit of \(limits.tokensPerMinute ?? 0) tokens a minute is used up",
                retryAfterMilliseconds: resetMilliseconds, rate: self)
        case .concurrency:
            Refusal(
                .rateLimited, "\(whose) limit of \(limits.concurrency ?? 0) open requests is reached: wait for one",
                retryAfterMilliseconds: 1000, rate: self)
        }
    }

    private var whose: String {
        switch owner {
        case .key: "this key's"
        case .workload: "this workload's"
        }
    }

    /// What ``write(into:)`` writes at most.
    static let maxHeaderBytes = 360

    /// Writes the header lines that tell a client where it stands.
    func write(into out: inout HeadWriter) {
        if let limit = limits.requestsPerMinute {
            out.write("x-ratelimit-limit-requests: ")
            out.writeDecimal(limit)
            out.write("\r\nx-ratelimit-remaining-requests: ")
            out.writeDecimal(remainingRequests)
            out.write("\r\nx-ratelimit-reset-requests: ")
            out.writeDecimal(resetMilliseconds)
            out.write("ms\r\n")
        }
        if let limit = limits.tokensPerMinute {
            out.write("x-ratelimit-limit-tokens: ")
            out.writeDecimal(limit)
            out.write("\r\nx-ratelimit-remaining-tokens: ")
            out.writeDecimal(remainingTokens)
            out.write("\r\nx-ratelimit-reset-tokens: ")
            out.writeDecimal(resetMilliseconds)
            out.write("ms\r\n")
        }
    }
}

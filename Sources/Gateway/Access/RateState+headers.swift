import Fleet
import InferenceKeyWire
import NIOCore

extension RateState {
    /// The refusal of a request over a limit.
    var refusal: Refusal? {
        switch refusedBy {
        case nil: nil
        case .requests:
            Refusal(
                .rateLimited, "this key's limit of \(limits.requestsPerMinute ?? 0) requests a minute is used up",
                retryAfterMilliseconds: resetMilliseconds, rate: self)
        case .tokens:
            Refusal(
                .rateLimited, "this key's limit of \(limits.tokensPerMinute ?? 0) tokens a minute is used up",
                retryAfterMilliseconds: resetMilliseconds, rate: self)
        case .concurrency:
            Refusal(
                .rateLimited, "this key's limit of \(limits.concurrency ?? 0) open requests is reached: wait for one",
                retryAfterMilliseconds: 1000, rate: self)
        }
    }

    /// Writes the header lines that tell a client where it stands.
    func write(into out: inout ByteBuffer) {
        if let limit = limits.requestsPerMinute {
            out.writeString(
                "x-ratelimit-limit-requests: \(limit)\r\nx-ratelimit-remaining-requests: \(remainingRequests)\r\n"
                    + "x-ratelimit-reset-requests: \(resetMilliseconds)ms\r\n")
        }
        if let limit = limits.tokensPerMinute {
            out.writeString(
                "x-ratelimit-limit-tokens: \(limit)\r\nx-ratelimit-remaining-tokens: \(remainingTokens)\r\n"
                    + "x-ratelimit-reset-tokens: \(resetMilliseconds)ms\r\n")
        }
    }
}

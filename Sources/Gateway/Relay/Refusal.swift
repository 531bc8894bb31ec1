import InferenceKeyWire

/// Why a request goes no further, as its caller is told.
struct Refusal: Error, Sendable, Equatable {
    var error: ServiceError
    /// The field of the request that is at fault.
    var param: String?
    /// The methods that would do, for a 405.
    var allow: String?
    /// The limits of the key, for a 429.
    var rate: RateState?

    init(_ error: ServiceError, param: String? = nil, allow: String? = nil, rate: RateState? = nil) {
        self.error = error
        self.param = param
        self.allow = allow
        self.rate = rate
    }

    init(
        _ code: ErrorCode, _ message: String, param: String? = nil, allow: String? = nil,
        retryAfterMilliseconds: Int? = nil, rate: RateState? = nil
    ) {
        self.init(
            ServiceError(code, message, retryAfterMilliseconds: retryAfterMilliseconds), param: param, allow: allow,
            rate: rate)
    }
}

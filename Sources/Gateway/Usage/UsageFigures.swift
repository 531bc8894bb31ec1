/// The tokens that one request used, as far as they are known.
struct UsageFigures: Sendable, Hashable {
    var tokensIn = 0
    var tokensOut = 0
    /// Whether they were counted here and not said by the engine.
    var isEstimated = false

    init(tokensIn: Int = 0, tokensOut: Int = 0, isEstimated: Bool = false) {
        self.tokensIn = tokensIn
        self.tokensOut = tokensOut
        self.isEstimated = isEstimated
    }
}

import InferenceKeyWire
import Transport

/// What became of one export (OTLP/HTTP).
enum ExportOutcome: Sendable, Equatable {
    /// Taken, but for so many spans.
    case taken(rejected: Int)
    /// May be taken later.
    case later(afterMilliseconds: Int?)
    /// Will never be taken.
    case refused(status: Int)

    /// A collector that asks for a longer pause is asked again after this one.
    static let maxRetrySeconds = 60

    init(_ answer: HTTPAnswer) {
        switch answer.head.status {
        case 200..<300: self = .taken(rejected: Self.rejected(answer.body))
        case 429, 502, 503, 504:
            let seconds = answer.head["retry-after"].flatMap { Int($0) }
            self = .later(afterMilliseconds: seconds.map { min(max($0, 0), Self.maxRetrySeconds) * 1000 })
        default: self = .refused(status: answer.head.status)
        }
    }

    /// The number in `partialSuccess`, which JSON may spell as a string.
    private static func rejected(_ body: [UInt8]) -> Int {
        guard !body.isEmpty, let json = try? JSONValue(parsing: body),
            let number = json["partialSuccess"]?["rejectedSpans"]
        else { return 0 }
        return max(0, number.intValue ?? number.stringValue.flatMap { Int($0) } ?? 0)
    }
}

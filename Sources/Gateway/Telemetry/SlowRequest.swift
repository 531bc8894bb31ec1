import Fleet
import Logging

/// The warning about one request that took too long.
enum SlowRequest {
    /// More in one piece are only counted.
    static let maxWarnings = 20

    static let message: Logger.Message = "a slow request"

    /// When each stage was reached, in milliseconds from the request's head on.
    static func metadata(_ record: RequestRecord) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "request_id": "\(record.safeID)", "project": "\(record.safeProject)",
            "workload": "\(record.safeWorkload)", "status": "\(record.status)", "outcome": "\(record.end.name)",
            "duration_ms": "\(milliseconds(record.duration))", "tokens_in": "\(record.tokensIn)",
            "tokens_out": "\(record.tokensOut)",
        ]
        if let route = record.route { metadata["route"] = "\(route.template)" }
        if let replica = record.replica { metadata["replica"] = "\(replica.text)" }
        if record.retries > 0 { metadata["retries"] = "\(record.retries)" }
        let stages = record.stages
        for (name, stage) in [
            ("body_ms", stages.bodyRead), ("chosen_ms", stages.chosen), ("sent_ms", stages.sent),
            ("answered_ms", stages.answered), ("ttft_ms", stages.firstToken),
        ] {
            if let stage { metadata[name] = "\(milliseconds(stage))" }
        }
        return metadata
    }

    private static func milliseconds(_ nanoseconds: Int64) -> Int64 { nanoseconds / 1_000_000 }
}

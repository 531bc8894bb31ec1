import Fleet
import InferenceKeyWire
import NIOCore

/// What is known of one request when it is over: what log lines and spans are made from, away from the loops.
struct RequestRecord: Sendable {
    /// Nanoseconds since 1970 when its head had been read.
    var startedAt: Int64 = 0
    /// Nanoseconds from there on.
    var duration: Int64 = 0
    var stages = RequestStages()

    var id = ""
    var method = Method.get
    var route: DataRoute?
    /// Its endpoint's slugs; where it has none, what the request asked for.
    var project = ""
    var workload = ""
    var hasEndpoint = false
    var model: [UInt8] = []
    var replica: ReplicaID?
    var engine: Address?
    /// The public part of the key.
    var keyID = ""

    var status = 0
    var end = RequestEnd.finished
    /// What the Gateway itself said.
    var code: ErrorCode?
    var isStream = false
    var retries = 0
    var bytesIn = 0
    var bytesOut = 0
    var tokensIn = 0
    var tokensOut = 0
    var tokensAreEstimated = false
    var trace: RequestTrace?
}

/// When a request reached its stages, in nanoseconds after its head; nil for a stage it did not reach.
struct RequestStages: Sendable, Hashable {
    /// Its body was read.
    var bodyRead: Int64?
    /// A replica was chosen, the line waited through.
    var chosen: Int64?
    /// It was written to an engine; the last time, if there were several.
    var sent: Int64?
    /// The head of the answer came.
    var answered: Int64?
    /// The first bytes of a stream came.
    var firstChunk: Int64?
    /// Its first event with text came, or where none has text the first event.
    var firstToken: Int64?
}

extension RequestRecord {
    /// Without what a caller may have put into it by mistake.
    var safeID: String {
        let isOurs = id.utf8.count == RequestID.bytes && id.hasPrefix("req_")
        return isOurs ? id : Redaction.scrub(id)
    }

    var safeProject: String { hasEndpoint ? project : Redaction.scrub(project) }
    var safeWorkload: String { hasEndpoint ? workload : Redaction.scrub(workload) }

    /// The key as it may be shown; nil when there was none that is known.
    var shownKey: String? { keyID.isEmpty ? nil : "ik_live_\(keyID)…" }

    /// The Gateway's own word for what went wrong, or the status of the engine; nil when nothing did.
    var errorType: String? {
        switch end {
        case .finished, .clientLeft: nil
        case .failed, .refused: code?.rawValue ?? "\(status)"
        case .cut: (code ?? .upstreamFailed).rawValue
        }
    }
}

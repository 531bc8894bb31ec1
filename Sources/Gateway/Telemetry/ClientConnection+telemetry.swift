import InferenceKeyWire
import NIOCore

// Noting what becomes of a request, where somebody wants to know.
extension ClientConnection {
    /// Completes the story of a request that is over and hands it on.
    func tell(
        _ story: RequestStory, _ figures: UsageFigures, _ end: RequestEnd, nanoseconds: Int64,
        to telemetry: LaneTelemetry
    ) {
        var record = story.record
        record.duration = nanoseconds
        record.id = request.forwarded.requestID
        record.method = request.method
        if let endpoint = request.endpoint {
            record.project = endpoint.projectSlug
            record.workload = endpoint.slug
            record.hasEndpoint = true
            record.model = endpoint.modelName
        }
        if let key = request.key { record.keyID = key.id }
        record.status = request.status
        record.end = end
        record.isStream = request.hasAnswer && answer.isEventStream
        record.bytesIn = request.bytesIn
        record.bytesOut = request.bytesOut
        record.tokensIn = figures.tokensIn
        record.tokensOut = figures.tokensOut
        record.tokensAreEstimated = figures.isEstimated && figures.tokensOut > 0
        if request.sentAt > .distantPast { record.stages.sent = story.since(request.sentAt) }
        record.stages.firstChunk = request.firstChunkAt.map(story.since)
        record.stages.firstToken = request.firstTokenAt.map(story.since)
        telemetry.end(record)
    }
}

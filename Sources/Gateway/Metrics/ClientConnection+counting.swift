import NIOCore

// Counting a request by its workload.
extension ClientConnection {
    /// The request's workload has been found.
    func enter(_ endpoint: Endpoint) {
        request.endpoint = endpoint
        bookUsage(of: endpoint)
        let series = lane.series.series(of: endpoint)
        series.figures.inFlight += 1
        request.series = series
    }

    /// Bytes of an answer's body have come, and its first token not before them.
    func noteBytes() {
        answer.hasBody = true
        guard answer.isEventStream, stage == .answering else { return answer.awaitsToken = false }
        let now = NIODeadline.now()
        if request.firstChunkAt == nil { request.firstChunkAt = now }
        guard answer.tap?.hasText != false else { return }
        answer.awaitsToken = false
        request.firstTextAt = now
    }

    /// How the request ended, by how far it came where nobody has said it.
    ///
    /// - Parameter replica: where it was last open.
    func ending(at replica: Replica?) -> RequestEnd {
        if let end = request.end { return end }
        if request.hasAnswer { return request.status >= 400 ? .failed : .finished }
        let wasSent = replica != nil || !request.tried.isEmpty || request.sentAt > .distantPast
        return wasSent ? .failed : .refused
    }

    /// Counts a request that is over.
    func count(_ figures: UsageFigures, _ end: RequestEnd, nanoseconds: Int64) {
        let series = request.series ?? lane.series.unplaced
        series.figures.count(status: request.status, end)
        series.figures.duration.record(nanoseconds: nanoseconds)
        guard request.series != nil else { return }
        series.figures.inFlight -= 1
        if figures.tokensIn > 0 { series.figures.tokensIn.record(figures.tokensIn) }
        if figures.tokensOut > 0 { series.figures.tokensOut.record(figures.tokensOut) }
        guard let first = request.firstTokenAt else { return }
        let toFirst = (first - request.started).nanoseconds
        series.figures.timeToFirstToken.record(nanoseconds: toFirst)
        if end == .finished, figures.tokensOut > 1 {
            series.figures.timePerOutputToken.record(
                nanoseconds: (nanoseconds - toFirst) / Int64(figures.tokensOut - 1))
        }
    }
}

extension DataRequest {
    /// When the first token of a stream came: the first event with text, or where none has text the first event.
    var firstTokenAt: NIODeadline? { firstTextAt ?? firstChunkAt }
}

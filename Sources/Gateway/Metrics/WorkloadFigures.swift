/// What was counted of one workload's requests. Plain numbers: they are summed when somebody asks.
struct WorkloadFigures: Sendable, Equatable {
    private static let classes = 6

    /// By the first digit of the status and by how they ended.
    private(set) var requests = [UInt64](repeating: 0, count: classes * RequestEnd.allCases.count)
    var inFlight = 0
    var tokensIn = TokenHistogram()
    var tokensOut = TokenHistogram()
    /// From a request to the first event with text; of event streams alone.
    var timeToFirstToken = Histogram()
    /// Between the first token and the end, shared out over the other tokens; of event streams alone.
    var timePerOutputToken = Histogram()
    var duration = Histogram()

    mutating func count(status: Int, _ end: RequestEnd) {
        let first = status / 100
        let row = (0..<Self.classes).contains(first) ? first : 0
        requests[row * RequestEnd.allCases.count + end.rawValue] += 1
    }

    func count(class row: Int, _ end: RequestEnd) -> UInt64 { requests[row * RequestEnd.allCases.count + end.rawValue] }

    mutating func add(_ other: WorkloadFigures) {
        for index in requests.indices { requests[index] += other.requests[index] }
        inFlight += other.inFlight
        tokensIn.add(other.tokensIn)
        tokensOut.add(other.tokensOut)
        timeToFirstToken.add(other.timeToFirstToken)
        timePerOutputToken.add(other.timePerOutputToken)
        duration.add(other.duration)
    }

    /// Every class of status that occurs: 0 stands for requests whose client left before there was one.
    static var classIndices: Range<Int> { 0..<classes }
}

import Fleet

/// What one settlement, or several, add to a record of usage.
struct UsageSums: Sendable, Hashable {
    /// Words of one half of a cell: of the requests that an engine told of, or of those that were estimated.
    static let half = 5
    /// Words of both.
    static let count = 2 * half

    var requests: Int64 = 0
    var failedRequests: Int64 = 0
    var tokensIn: Int64 = 0
    var tokensOut: Int64 = 0
    var milliseconds: Int64 = 0

    /// In the order of a cell's words.
    subscript(index: Int) -> Int64 {
        get {
            switch index {
            case 0: requests
            case 1: failedRequests
            case 2: tokensIn
            case 3: tokensOut
            default: milliseconds
            }
        }
        set {
            switch index {
            case 0: requests = newValue
            case 1: failedRequests = newValue
            case 2: tokensIn = newValue
            case 3: tokensOut = newValue
            default: milliseconds = newValue
            }
        }
    }

    var isEmpty: Bool { self == UsageSums() }
}

/// Both halves of a cell.
struct UsageTotal: Sendable, Hashable {
    var told = UsageSums()
    var estimated = UsageSums()

    init() {}

    init(_ word: (Int) -> UInt64) {
        for index in 0..<UsageSums.half {
            told[index] = Int64(bitPattern: word(index))
            estimated[index] = Int64(bitPattern: word(UsageSums.half + index))
        }
    }

    /// The words, told first.
    var words: [Int64] { (0..<UsageSums.half).map { told[$0] } + (0..<UsageSums.half).map { estimated[$0] } }

    init?(words: [Int]) {
        guard words.count == UsageSums.count else { return nil }
        self.init { UInt64(bitPattern: Int64(words[$0])) }
    }

    var isEmpty: Bool { told.isEmpty && estimated.isEmpty }

    /// What is in this one and not yet in `older`.
    func since(_ older: UsageTotal) -> UsageTotal {
        var rest = UsageTotal()
        for index in 0..<UsageSums.half {
            rest.told[index] = max(0, told[index] - older.told[index])
            rest.estimated[index] = max(0, estimated[index] - older.estimated[index])
        }
        return rest
    }

    mutating func add(_ other: UsageTotal) {
        for index in 0..<UsageSums.half {
            told[index] += other.told[index]
            estimated[index] += other.estimated[index]
        }
    }

    /// As records of what `name` used; none for a half that is empty.
    func records(of name: UsageCellName) -> [UsageRecord] {
        [(told, false), (estimated, true)].compactMap { sums, isEstimated in
            sums.isEmpty
                ? nil
                : UsageRecord(
                    day: name.day, projectID: name.projectID, workloadSlug: name.workloadSlug, keyID: name.keyID,
                    isEstimated: isEstimated, requests: Int(sums.requests), failedRequests: Int(sums.failedRequests),
                    tokensIn: Int(sums.tokensIn), tokensOut: Int(sums.tokensOut), milliseconds: sums.milliseconds)
        }
    }
}

/// What a cell counts for: one key's use of one endpoint on one day.
struct UsageCellName: Sendable, Hashable {
    /// `2026-11-24`, in UTC: the day on which the request began.
    var day: String
    var projectID: ProjectID
    var workloadSlug: String
    var keyID: String

    /// As it stands in a ``UsageBook``. None of the parts can hold a NUL.
    var bytes: [UInt8] { Array([day, projectID.text, workloadSlug, keyID].joined(separator: "\0").utf8) }

    init(day: String, projectID: ProjectID, workloadSlug: String, keyID: String) {
        self.day = day
        self.projectID = projectID
        self.workloadSlug = workloadSlug
        self.keyID = keyID
    }

    init?(bytes: some Sequence<UInt8>) {
        let parts = String(decoding: Array(bytes), as: UTF8.self).split(
            separator: "\0", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        self.init(
            day: String(parts[0]), projectID: ID(String(parts[1])), workloadSlug: String(parts[2]),
            keyID: String(parts[3]))
    }
}

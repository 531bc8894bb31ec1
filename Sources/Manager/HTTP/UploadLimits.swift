import InferenceKeyWire
import NIOCore
import NIOHTTP1

/// How much of a request's body is read, and how long it may take, before a handler has seen it.
struct UploadLimits: Sendable {
    /// Of the body of an ordinary request, and of what is left of one that was refused.
    static let maxDrainedBytes = Visit.maxReportBytes

    private let maxPackageBytes: Int
    private let minBytesPerSecond: Int
    private let table: RouteTable

    init(_ configuration: ManagerConfiguration, _ table: RouteTable) {
        maxPackageBytes = configuration.maxPackageBytes
        minBytesPerSecond = max(1, configuration.timings.minUploadBytesPerSecond)
        self.table = table
    }

    /// More for a route that takes a form, unless the request says itself that it is too large.
    func maxBytes(of head: HTTPRequestHead) -> Int {
        let limit = maxPackageBytes + Self.maxDrainedBytes
        let path = head.uri.prefix { $0 != "?" }
        guard case .found(let route, _) = table.match(head.method.rawValue, path: String(path)), route.body.isForm,
            head.headers.first(name: "content-length").flatMap({ Int($0) }) ?? 0 <= limit
        else { return Self.maxDrainedBytes }
        return limit
    }

    /// How long so many bytes of an upload may take.
    func time(for bytes: Int) -> TimeAmount { .nanoseconds(Int64(bytes) * 1_000_000_000 / Int64(minBytesPerSecond)) }
}

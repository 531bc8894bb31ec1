import InferenceKey
import InferenceKeyWire
import Synchronization

extension Operation {
    func run(
        _ arguments: inout Arguments, _ client: ManagementClient, for request: Request
    ) async throws(InferenceKeyError) {
        switch self {
        case .ensure: request.emit(try await ensure(&arguments, client))
        case .plan:
            let (spec, project) = (try arguments.spec(), arguments.text("project"))
            try arguments.finish()
            request.emit(try await client.plan(spec, project: project).json)
        case .delete:
            let place = try arguments.place()
            request.emit(["deleted": .bool(try await client.delete(place.slug, project: place.project))])
        case .get:
            let place = try arguments.place()
            request.emit(try await client.get(place.slug, project: place.project).json)
        case .list:
            let project = arguments.text("project")
            try arguments.finish()
            request.emit(["workloads": .array(try await client.list(project: project).map(\.json))])
        case .status:
            let place = try arguments.place()
            request.emit(try await client.status(place.slug, project: place.project).raw)
        case .logs:
            var lines: [JSONValue] = []
            for try await line in try await logs(&arguments, client, follow: false) { lines.append(line.json) }
            request.emit(["lines": .array(lines)])
        case .followLogs:
            let lines = try await logs(&arguments, client, follow: true)
            request.emit([])
            for try await line in lines {
                await request.drained()
                request.emit(line.json)
            }
        case .waitUntilReady: try await waitUntilReady(&arguments, client, for: request)
        case .endpoint, .embed, .rerank, .forecast, .request, .submitJob, .getJob, .generateText, .generateTextStream:
            throw misplaced
        }
    }

    private func ensure(
        _ arguments: inout Arguments, _ client: ManagementClient
    ) async throws(InferenceKeyError) -> JSONValue {
        let (spec, project) = (try arguments.spec(), arguments.text("project"))
        let onDrift = arguments.choice("on_drift", OnDrift.self) ?? .reconcile
        try arguments.finish()
        let warnings = Texts()
        let reference = try await client.onWarning { warnings.add($0) }.ensure(spec, onDrift: onDrift, project: project)
        var result = reference.json.objectValue ?? [:]
        result["warnings"] = .array(warnings.all.map { .string($0) })
        return .object(result)
    }

    private func logs(
        _ arguments: inout Arguments, _ client: ManagementClient, follow: Bool
    ) async throws(InferenceKeyError) -> LogLines {
        let (replica, tail) = (arguments.text("replica"), arguments.int("tail"))
        let place = try arguments.place()
        return try await client.logs(
            place.slug, replica: replica, tail: tail, follow: follow, project: place.project)
    }

    private func waitUntilReady(
        _ arguments: inout Arguments, _ client: ManagementClient, for request: Request
    ) async throws(InferenceKeyError) {
        let timeout = arguments.milliseconds("timeout_ms") ?? .seconds(600)
        let place = try arguments.place()
        try await client.waitUntilReady(place.slug, timeout: timeout, project: place.project) { event in
            request.emit(event.json)
        }
    }
}

extension Arguments {
    /// The workload that the operation is about. Ends the reading of the arguments.
    fileprivate mutating func place() throws(InferenceKeyError) -> (slug: String, project: String?) {
        let place = (requiredText("slug"), text("project"))
        try finish()
        return place
    }
}

/// Texts that come from any thread.
private final class Texts: Sendable {
    private let texts = Mutex<[String]>([])
    func add(_ text: String) { texts.withLock { $0.append(text) } }
    var all: [String] { texts.withLock { $0 } }
}

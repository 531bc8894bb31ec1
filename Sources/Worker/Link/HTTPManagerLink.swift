package import Fleet
package import InferenceKeyWire
package import Transport

/// The link over HTTP, as the Manager serves it.
package struct HTTPManagerLink: ManagerLink {
    private let manager: BaseURL
    private let client: HTTPClient

    /// A silent watch is dropped after so long; the Manager sends a comment more often than that.
    private static let watchTimeouts = HTTPTimeouts(connect: .seconds(5), total: .seconds(15), idle: .seconds(60))
    private static let postTimeouts = HTTPTimeouts(connect: .seconds(5), total: .seconds(15), idle: .seconds(15))

    package init(manager: BaseURL, client: HTTPClient) {
        self.manager = manager
        self.client = client
    }

    package func join(token: Credential, name: String) async throws(LinkError) -> Credential {
        let answer = try await post("/api/worker/join", ["name": .string(name)], as: token)
        guard let text = (try? JSONValue(parsing: answer))?["credential"]?.stringValue,
            let credential = Credential(text), credential.kind == .worker
        else { throw .malformed("the join was answered without a worker credential") }
        return credential
    }

    package func watchAssignments(
        as worker: Credential, _ take: @Sendable (WorkerAssignment) async -> Void
    ) async throws(LinkError) {
        let request = HTTPRequest(
            "GET", manager, "/api/worker/assignment",
            headers: Self.headers(for: worker) + [HTTPField("accept", "text/event-stream")])
        do {
            let stream = try await client.open(request, timeouts: Self.watchTimeouts)
            defer { stream.cancel() }
            try await check(stream)
            var reader = SSEReader(maxEventBytes: WorkerAssignment.maxBytes)
            while let bytes = try await stream.next() {
                for event in try reader.read(bytes) { await take(try WorkerAssignment(text: event.data)) }
            }
        } catch {
            throw LinkError(error)
        }
    }

    package func post(_ observation: WorkerObservation, as worker: Credential) async throws(LinkError) {
        _ = try await post("/api/worker/observation", observation.json, as: worker)
    }

    package func post(_ lines: LogBatch, as worker: Credential) async throws(LinkError) {
        _ = try await post("/api/worker/logs/\(lines.requestID)", lines.json, as: worker)
    }

    private func post(_ path: String, _ body: JSONValue, as caller: Credential) async throws(LinkError) -> [UInt8] {
        let request = HTTPRequest(
            "POST", manager, path,
            headers: Self.headers(for: caller) + [HTTPField("content-type", "application/json")],
            body: body.bytes)
        let answer: HTTPAnswer
        do {
            answer = try await client.send(request, timeouts: Self.postTimeouts)
        } catch {
            throw LinkError(error)
        }
        guard answer.head.isSuccess else { throw LinkError(status: answer.head.status, body: answer.body) }
        return answer.body
    }

    private func check(_ stream: HTTPStream) async throws {
        guard !stream.head.isSuccess else { return }
        var body: [UInt8] = []
        while body.count < 65_536, let bytes = try? await stream.next() { body.append(contentsOf: bytes) }
        throw LinkError(status: stream.head.status, body: body)
    }

    private static func headers(for caller: Credential) -> [HTTPField] {
        [HTTPField("authorization", "Bearer \(caller.revealed)")]
    }
}

extension WorkerAssignment {
    /// Every replica comes with its whole config: twenty of a large one are tens of megabytes.
    static var maxBytes: Int { 512 << 20 }

    fileprivate init(text: String) throws(LinkError) {
        do {
            try self.init(json: JSONValue(parsing: Array(text.utf8)))
        } catch let error as FieldErrors {
            throw .malformed(error.summary)
        } catch {
            throw .malformed("\(error)")
        }
    }
}

extension LinkError {
    init(_ error: any Error) {
        switch error {
        case let error as LinkError: self = error
        case let error as TransportError: self = .unreachable(error.description)
        default: self = .malformed("\(error)")
        }
    }

    init(status: Int, body: [UInt8]) {
        let message = (try? JSONValue(parsing: body))?["message"]?.stringValue
        self = .refused(status: status, message: message ?? String(decoding: body.prefix(200), as: UTF8.self))
    }
}

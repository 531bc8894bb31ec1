import Fleet
import Hummingbird
import HummingbirdCore
import InferenceKeyWire
import Logging
import NIOCore

/// Answers every request to the Manager, from the route table; whatever happens, the answer is JSON with a request id.
struct ControlResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let core: Core
    let table: RouteTable

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let start = ContinuousClock.now
        let id = "req_\(core.ids.ulid())"
        var pattern = "none"
        let reply: Reply
        do {
            let (route, parameters) = try route(of: request)
            pattern = route.path.description
            let visit = Visit(
                id: id, core: core, fleet: core.ledger.current, now: core.ids.now(), request: request,
                parameters: parameters)
            reply = try await route.answer(visit)
        } catch {
            reply = refusal(error, requestID: id)
        }
        core.metrics.count(route: pattern, status: reply.status, took: ContinuousClock.now - start)
        core.logger.debug(
            "answered",
            metadata: [
                "request_id": "\(id)", "method": "\(request.method.rawValue)", "route": "\(pattern)",
                "status": "\(reply.status)",
            ])
        let response = Self.response(to: request, reply, requestID: id)
        return request.method.rawValue == "HEAD" ? response.createHeadResponse() : response
    }

    private func route(of request: Request) throws -> (Route, [String: String]) {
        let method = request.method.rawValue
        let path = request.uri.path
        switch table.match(method, path: path) {
        case .found(let route, let parameters): return (route, parameters)
        case .otherMethods(let methods): throw OtherMethods(path: path, method: method, allowed: methods)
        case .nothing:
            throw ServiceError(
                .notFound, "there is nothing at \(path.prefix(200)); the API is described at /api/openapi.json")
        }
    }

    private func refusal(_ error: any Error, requestID: String) -> Reply {
        switch error {
        case let error as ServiceError:
            if error.code.status >= 500 {
                core.logger.error(
                    "a request failed", metadata: ["request_id": "\(requestID)", "error": "\(error.message)"])
            }
            return Reply(error, requestID: requestID)
        case let error as FieldErrors: return Reply(ServiceError(error), requestID: requestID)
        case let error as OtherMethods:
            return Reply(error.refusal, requestID: requestID).with("allow", error.names)
        case is CancellationError:
            return Reply(
                ServiceError(.unavailable, "the Manager is stopping; try again", retryAfterMilliseconds: 1000),
                requestID: requestID)
        default:
            core.logger.error("a request failed", metadata: ["request_id": "\(requestID)", "error": "\(error)"])
            return Reply(
                ServiceError(
                    .internalError, "something went wrong on our side; the log tells more under \(requestID)"),
                requestID: requestID)
        }
    }
}

extension ControlResponder {
    /// The answer as Hummingbird sends it.
    static func response(to request: Request, _ reply: Reply, requestID: String) -> Response {
        var headers = HTTPFields()
        for (name, value) in [("x-request-id", requestID)] + reply.headers {
            if let name = HeaderName(name) { headers[name] = value }
        }
        func set(contentType: String) {
            if let name = HeaderName("content-type") { headers[name] = contentType }
        }
        let body: ResponseBody
        switch reply.body {
        case .none: body = ResponseBody()
        case .json(let json):
            set(contentType: "application/json")
            body = ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes))
        case .text(let text, let type):
            set(contentType: type)
            body = ResponseBody(byteBuffer: ByteBuffer(string: text))
        case .events(let makeSource):
            set(contentType: "text/event-stream")
            body = eventStream(request, makeSource)
        }
        return Response(status: .init(code: reply.status), headers: headers, body: body)
    }

    /// Pulls events as fast as the reader takes them, until they end or the reader leaves.
    private static func eventStream(
        _ request: Request, _ makeSource: @escaping @Sendable () -> any EventSource
    ) -> ResponseBody {
        ResponseBody { writer in
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                var source = makeSource()
                while let bytes = try await source.next() { try await writer.write(ByteBuffer(bytes: bytes)) }
            }
            try await writer.finish(nil)
        }
    }
}

/// The path is there, but not with this method.
private struct OtherMethods: Error {
    let path: String
    let method: String
    let allowed: [RouteMethod]

    var names: String { allowed.map(\.rawValue).joined(separator: ", ") }

    var refusal: ServiceError {
        ServiceError(.methodNotAllowed, "\(path.prefix(200)) takes \(names), not \(method.prefix(20))")
    }
}

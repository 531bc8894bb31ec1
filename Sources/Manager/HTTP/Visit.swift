import Fleet
import Hummingbird
import HummingbirdCore
import InferenceKeyWire
import NIOCore

/// One request on its way in, before it is known whether it may.
struct Visit: Sendable {
    /// Ours, new for every request.
    let id: String
    let core: Core
    /// The fleet as it is at the time of the request.
    let fleet: FleetState
    let now: Timestamp
    let request: Request
    let parameters: [String: String]

    /// Larger bodies are refused, unless the route takes more.
    static let maxBodyBytes = 1 << 20
    /// What a worker or a Gateway tells at once, of all it has, may be this large.
    static let maxReportBytes = 8 << 20

    var path: String { request.uri.path }
    var query: String? { request.uri.query }

    func header(_ name: String) -> String? {
        HeaderName(name).flatMap { request.headers[$0] }
    }

    /// A parameter of the route's own pattern.
    func parameter(_ name: String) -> String {
        guard let value = parameters[name] else { preconditionFailure("the route has no parameter \(name)") }
        return value
    }

    /// The body as the route wants it: JSON or nothing. A form is left for the handler to read.
    func body(_ rule: BodyRule, upTo maxBytes: Int) async throws -> JSONValue? {
        guard rule.schema != nil, !rule.isForm else { return nil }
        if let length = header("content-length").flatMap({ Int($0) }), length > maxBytes { throw tooLarge(maxBytes) }
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: maxBytes)
        } catch is NIOTooManyBytesError {
            throw tooLarge(maxBytes)
        } catch {
            throw ServiceError(.invalidRequest, "the body ended before it was complete")
        }
        if buffer.readableBytes == 0 {
            guard case .required = rule else { return nil }
            throw ServiceError(.invalidRequest, "the body is empty; send a JSON object")
        }
        if let type = header("content-type"), !Self.isJSON(type) {
            throw ServiceError(
                .invalidRequest, "the body must be JSON; send it with content-type: application/json",
                fields: ["content-type": "must be application/json, not \(type.prefix(100))"])
        }
        do {
            return try JSONValue(parsing: buffer.readableBytesView)
        } catch {
            throw ServiceError(.invalidRequest, "\(error)", fields: ["body": error.reason])
        }
    }

    private func tooLarge(_ maxBytes: Int) -> ServiceError {
        ServiceError(.payloadTooLarge, "the body is larger than \(maxBytes) bytes")
    }

    private static func isJSON(_ type: String) -> Bool {
        let media = type.prefix { $0 != ";" }.lowercased()
        return media.trimmingSpaces == "application/json"
    }
}

/// The name of a header, as Hummingbird's own header type has it.
typealias HeaderName = HTTPFields.Element.Name

extension String {
    fileprivate var trimmingSpaces: Substring {
        var rest = self[...]
        while rest.last == " " { rest.removeLast() }
        return rest.drop { $0 == " " }
    }
}

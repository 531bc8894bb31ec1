import Fleet
import HummingbirdCore
import InferenceKeyWire

/// One request that was let in.
struct Call: Sendable {
    let id: String
    let core: Core
    let fleet: FleetState
    let caller: Caller
    let query: Query
    /// The parsed body; nil when the route takes none or none came.
    let body: JSONValue?
    private let visit: Visit

    init(_ visit: Visit, _ caller: Caller, _ query: Query, _ body: JSONValue?) {
        id = visit.id
        core = visit.core
        fleet = visit.fleet
        self.caller = caller
        self.query = query
        self.body = body
        self.visit = visit
    }

    func parameter(_ name: String) -> String { visit.parameter(name) }
    func header(_ name: String) -> String? { visit.header(name) }
    var path: String { visit.path }
    /// The body as it arrives, for a route that takes a form.
    var content: RequestBody { visit.request.body }

    /// The body, or an empty object where none is needed.
    var fields: JSONFields { JSONFields(body ?? .object([:])) }

    /// Decides in the ledger, in the name of the caller.
    func transact<Value: Sendable>(
        _ decide: @escaping @Sendable (inout FleetDraft) throws -> Value
    ) async throws -> Value {
        try await core.ledger.transact(as: caller.name, decide)
    }

    /// One page of a sorted list, with the address of the next in a `Link` header. `key` names an element in `after`.
    func page<Element>(
        _ elements: [Element], key: (Element) -> String, json: (Element) -> JSONValue
    ) throws -> Reply {
        let start = query["after"].map { after in elements.firstIndex { key($0) > after } ?? elements.count } ?? 0
        let rest = elements[start...]
        guard let limit = try query.limit(), rest.count > limit else { return .ok(.array(rest.map(json))) }
        let page = rest.prefix(limit)
        let reply = Reply.ok(.array(page.map(json)))
        guard let last = page.last else { return reply }
        return reply.with("link", nextLink(limit: limit, after: key(last)))
    }

    func nextLink(limit: Int, after: String) -> String {
        "<\(path)?limit=\(limit)&after=\(PercentCoding.encode(after))>; rel=\"next\""
    }
}

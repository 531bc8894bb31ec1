/// Every route of the control API.
struct RouteTable: Sendable {
    enum Match: Sendable {
        case found(Route, parameters: [String: String])
        /// The path is there, with these methods.
        case otherMethods([RouteMethod])
        case nothing
    }

    let routes: [Route]
    private let byLength: [Int: [Route]]

    /// Two routes that take the same requests, or a parameter twice in one path, are a mistake of ours.
    init(_ routes: [Route]) {
        self.routes = routes
        byLength = Dictionary(grouping: routes, by: \.path.segments.count)
        let shapes = routes.map { route in
            route.method.rawValue
                + route.path.segments.map { if case .word(let word) = $0 { "/\(word)" } else { "/:" } }.joined()
        }
        precondition(Set(shapes).count == shapes.count, "two routes take the same requests")
    }

    func match(_ method: String, path: String) -> Match {
        guard let segments = RoutePath.segments(of: path) else { return .nothing }
        // HEAD is answered like GET, without the body.
        let wanted = method == "HEAD" ? RouteMethod.get.rawValue : method
        var others: [RouteMethod] = []
        var best: (route: Route, parameters: [String: String])?
        for route in byLength[segments.count] ?? [] {
            guard let parameters = route.path.match(segments) else { continue }
            guard route.method.rawValue == wanted else {
                others.append(route.method)
                continue
            }
            // A word is nearer than a parameter.
            if best.map({ parameters.count < $0.parameters.count }) ?? true { best = (route, parameters) }
        }
        if let best { return .found(best.route, parameters: best.parameters) }
        return others.isEmpty ? .nothing : .otherMethods(RouteMethod.allCases.filter(others.contains))
    }
}

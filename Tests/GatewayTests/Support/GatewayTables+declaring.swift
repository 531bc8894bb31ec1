import Fleet

extension GatewayTables {
    /// The same with these limits declared for every endpoint.
    func limited(_ limits: EndpointLimits) -> GatewayTables {
        var tables = self
        for index in tables.endpoints.indices { tables.endpoints[index].limits = limits }
        return tables
    }

    /// The same with this policy declared for every endpoint.
    func routed(_ policy: RoutingPolicy, sessionHeader: String? = nil) -> GatewayTables {
        var tables = self
        for index in tables.endpoints.indices {
            tables.endpoints[index].routing = RoutingSpec(policy: policy, sessionHeader: sessionHeader)
        }
        return tables
    }
}

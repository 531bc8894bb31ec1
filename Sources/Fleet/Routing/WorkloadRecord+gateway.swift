import InferenceKeyWire

extension WorkloadRecord {
    /// What it declares of the choice of replicas. A config that was accepted by an older version may hold anything:
    /// what cannot be read declares nothing.
    package var routing: RoutingSpec { read(GatewayConfig.routing, RoutingSpec.init(json:)) ?? RoutingSpec() }

    /// What it declares of limits; see ``routing``.
    package var limits: EndpointLimits { read(GatewayConfig.limits, EndpointLimits.init(json:)) ?? EndpointLimits() }

    private func read<Part>(_ key: String, _ make: (JSONValue) throws -> Part) -> Part? {
        guard let value = config?[key], !value.isNull else { return nil }
        return try? make(value)
    }
}

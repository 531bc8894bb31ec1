/// The parts of a workload's `config` that Gateways alone read: no engine is given them, none restarts for them.
package enum GatewayConfig {
    package static let routing = "routing"
    package static let limits = "limits"

    /// What is left of `config` for the engine.
    package static func withoutGateway(_ config: JSONObject) -> JSONObject {
        var rest = config
        rest[routing] = nil
        rest[limits] = nil
        return rest
    }

    /// Whether an engine would notice that one `config` was replaced by the other; none at all is an empty one.
    package static func differsForEngine(_ old: JSONValue, _ new: JSONValue) -> Bool {
        withoutGateway(old.objectValue ?? [:]) != withoutGateway(new.objectValue ?? [:])
    }
}

import InferenceKey
import InferenceKeyWire

extension Decision {
    func readiness(_ given: inout Arguments) throws(InferenceKeyError) -> JSONValue {
        let (slug, timeout) = (given.requiredText("slug"), given.milliseconds("timeout_ms") ?? .seconds(600))
        let connections = given.array("connections") ?? []
        try given.finish()
        var rehearsal = ReadinessRehearsal(slug: slug, timeout: timeout)
        return rehearsal.run(connections)
    }
}

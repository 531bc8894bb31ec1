import Fleet
import InferenceKeyWire
import Testing

@testable import Gateway

@Suite("ports of upstreams")
struct PortTests {
    @Test("an upstream whose port is none gets nothing, and the others go on", arguments: [0, -1, 65_536, Int.max])
    func noPort(_ port: Int) async throws {
        let engine = try await ScriptedEngine { $0.connection.answer("{}") }
        try await Rig.run(.chat(port, engine.port)) { rig async throws in
            for _ in 0..<3 { #expect(try await rig.call(Rig.post()).status == 200) }
        }
        await engine.stop()
    }

    @Test("a port that is none is refused where it is read", arguments: [0, -1, 65_536])
    func refused(_ port: Int) {
        #expect(throws: FieldErrors.self) { try GatewayTables(json: GatewayTables.chat(port).json) }
        let observed: JSONValue = ["replica_id": "rp_1", "state": "ready", "port": .int(port)]
        #expect(throws: FieldErrors.self) { try ReplicaObservation(json: observed) }
    }
}

import Fleet
import InferenceKeyWire
import Testing

/// A Gateway as a test plays it.
struct FakeGateway {
    let house: ManagerHouse
    let id = "run-1"
    var sequence = 0

    init(_ house: ManagerHouse) { self.house = house }

    mutating func report(
        _ version: Int, draining: [ReplicaID: Int] = [:], usage: [UsageRecord] = [], lastUsed: [String: Timestamp] = [:]
    ) async throws {
        sequence += 1
        let report = GatewayReport(
            gatewayID: id, sequence: sequence, tableVersion: version, draining: draining, usage: usage,
            lastUsed: lastUsed)
        let answer = try await house.send("POST", "/api/gateway/report", report.json, as: house.gateway)
        try #require(answer.status == 200, "\(answer.json.text)")
    }
}

extension EventTape {
    /// The next tables that are like this.
    func tables(where condition: (GatewayTables) -> Bool = { _ in true }) async throws -> GatewayTables {
        while let event = try await next() {
            let tables = try GatewayTables(json: event)
            if condition(tables) { return tables }
        }
        throw HouseError("the feed ended")
    }
}

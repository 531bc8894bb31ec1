import Fleet
import InferenceKeyWire
import Logging
import NIOCore
import ServiceLifecycle
import Testing

@testable import Gateway

@Suite("life of a Gateway")
struct LifeTests {
    @Test("a port that is taken is said, with the way out, on one loop and on several", arguments: [1, 2])
    func takenPort(_ loops: Int) async throws {
        try await Rig.run(GatewayTables(), loops: loops) { rig async throws in
            var configuration = GatewayConfiguration()
            configuration.port = rig.port
            configuration.loopCount = loops
            let second = GatewayService(configuration, logger: Logger(label: "x") { _ in SwiftLogNoOpLogHandler() })
            let error = await #expect(throws: GatewayFailure.self) { try await second.run() }
            #expect(error?.description.contains("127.0.0.1:\(rig.port)") == true)
            await #expect(throws: GatewayFailure.self) { _ = try await second.boundPort() }
        }
    }

    @Test("on graceful shutdown open requests finish and new connections are refused")
    func drains() async throws {
        let engine = try await ScriptedEngine()
        var configuration = GatewayConfiguration()
        configuration.loopCount = 2
        let (gateway, group) = makeGroup(configuration)
        let running = Task { try await group.run() }
        let port = try await gateway.boundPort()
        try await gateway.install(.chat(engine.port))
        let idle = try await WireClient(port: port)
        let busy = try await WireClient(port: port)
        busy.send(Rig.post())
        let request = try await engine.next()
        request.connection.startStream()
        request.connection.event("1")
        try await busy.until("data: 1")
        await group.triggerGracefulShutdown()
        try await idle.untilClosed()
        try await eventually("new connections are refused") { (try? await WireClient(port: port)) == nil }
        request.connection.event("2")
        request.connection.event("[DONE]")
        request.connection.endStream()
        let answer = try await busy.answer()
        #expect(answer.text == "data: 1\n\ndata: 2\n\ndata: [DONE]\n\n")
        try await busy.untilClosed()
        try await running.value
        await engine.stop()
    }

    @Test("on shutdown a kept connection closes only when its last answer is written")
    func drainsWhatIsWritten() async throws {
        let body = String(repeating: "x", count: 8 << 20)
        let engine = try await ScriptedEngine { $0.connection.answer(body) }
        var configuration = GatewayConfiguration()
        configuration.limits.writeBufferHighBytes = 16 << 20
        let (gateway, group) = makeGroup(configuration)
        let running = Task { try await group.run() }
        let port = try await gateway.boundPort()
        try await gateway.install(.chat(engine.port))
        let client = try await WireClient(port: port, reads: false, receiveBufferBytes: 4096)
        client.send(Rig.post())
        try await eventually("the Gateway holds all of the answer") {
            let figures = await gateway.metricsText()
            return engine.requests.count == 1 && figures.contains("inferencekey_gateway_in_flight 0\n")
        }
        await group.triggerGracefulShutdown()
        try await eventually("new connections are refused") { (try? await WireClient(port: port)) == nil }
        let length = try await eventually("all of it arrives") {
            client.read()
            return client.isClosed ? client.received.count : nil
        }
        #expect(length > body.utf8.count)
        try await running.value
        await engine.stop()
    }

    @Test("what does not finish in time is cut, and told so in its stream")
    func cuts() async throws {
        let engine = try await ScriptedEngine()
        let client = try await Rig.run(.chat(engine.port)) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.post())
            let request = try await engine.next()
            request.connection.startStream()
            request.connection.event("1")
            try await client.until("data: 1")
            return client
        }
        let answer = try await client.answer()
        #expect(answer.text.contains("\"code\":\"unavailable\""))
        #expect(!answer.text.contains("[DONE]"))
        try await eventually("the engine is let go") {
            engine.connections.allSatisfy { !$0.isOpen }
        }
        await engine.stop()
    }

    @Test("many clients at once on several loops all get their own answers")
    func load() async throws {
        let engine = try await ScriptedEngine { $0.connection.answer($0.text) }
        try await Rig.run(.chat(engine.port), loops: 2) { rig async throws in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for number in 0..<40 {
                    tasks.addTask {
                        let client = try await rig.client()
                        for turn in 0..<25 {
                            let body = #"{"model":"tiny","n":"\#(number).\#(turn)"}"#
                            client.send(Rig.post(body))
                            #expect(try await client.answer().text == body)
                        }
                        client.close()
                    }
                }
                try await tasks.waitForAll()
            }
            #expect(await rig.metric("in_flight") == 0)
        }
        await engine.stop()
    }

    /// A Gateway that is told to shut down through its group.
    private func makeGroup(_ configuration: GatewayConfiguration) -> (GatewayService, ServiceGroup) {
        let logger = Logger(label: "x") { _ in SwiftLogNoOpLogHandler() }
        let gateway = GatewayService(configuration, logger: logger)
        return (gateway, ServiceGroup(services: [gateway], gracefulShutdownSignals: [], logger: logger))
    }
}

import ConformanceVectors
import LoopbackServer
import NIOCore
import Synchronization
import Testing

@testable import InferenceKey

@Suite("conformance: requests as they go over the wire", .timeLimit(.minutes(5)))
struct RequestConformanceTests {
    @Test("requests", .conformance("requests"), arguments: ConformanceCase.all("requests"))
    func requests(_ sample: ConformanceCase) async throws {
        let answers = Mutex((try #require(sample.given["answers"]?.arrayValue)).compactMap(\.stringValue))
        let server = try await LoopbackServer { _, reply in
            let answer = answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            let sent = reply.send(answer ?? "HTTP/1.1 599 One request too many\r\ncontent-length: 0\r\n\r\n")
            if answer?.contains("connection: close\r\n") == true { sent.whenComplete { _ in reply.close() } }
        }
        var result = JSONValue.null
        var failure: InferenceKeyError?
        do throws(InferenceKeyError) {
            result = try await WireOperation(sample.given, address: server.address).perform()
        } catch { failure = error }
        await server.stop()

        let host = "127.0.0.1:\(server.port)"
        let sent = server.record.requests.map { Self.text($0.wire, in: host) }
        #expect(sent == sample.expect["requests"]?.arrayValue?.compactMap(\.stringValue))
        let expected = sample.expect["error"] ?? .null
        #expect(failure?.kind.rawValue == expected["kind"]?.stringValue)
        #expect(failure?.code == expected["code"]?.stringValue)
        if let failure {
            let message = Self.text(Array(failure.message.utf8), in: host)
            #expect(message.hasPrefix(expected["message"]?.stringValue ?? "no error at all"), "\(message)")
        } else {
            #expect(Self.holds(result, sample.expect["result"] ?? .null), "\(result.text)")
        }
    }

    private static func text(_ bytes: [UInt8], in host: String) -> String {
        String(decoding: bytes, as: UTF8.self).split(separator: host, omittingEmptySubsequences: false)
            .joined(separator: "{host}")
    }

    /// Whether everything expected is there; further members of objects do not matter.
    private static func holds(_ found: JSONValue?, _ expected: JSONValue) -> Bool {
        switch expected {
        case .object(let members): members.allSatisfy { holds(found?[$0.key], $0.value) }
        case .array(let items):
            found?.arrayValue?.count == items.count
                && zip(found?.arrayValue ?? [], items).allSatisfy { holds($0, $1) }
        default: found == expected
        }
    }
}

import Files
import Fleet
import Glibc
import InferenceKeyWire
import Testing
import Worker

@Suite("The log of an engine")
struct EngineLogTests {
    private let folder = TemporaryFolder()
    private var path: String { folder.path + "/engine.log" }

    private func append(_ text: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        _ = text.withCString { write(descriptor, $0, strlen($0)) }
        close(descriptor)
    }

    private func log(_ limits: LogLimits = LogLimits(), secret: String = "") -> EngineLog {
        EngineLog(ID("rp_1"), path: path, limits: limits, secret: secret)
    }

    @Test("lines are read as they come")
    func reads() {
        let log = log()
        log.catchUp(now: at(0))
        #expect(log.takeFresh().isEmpty)
        append("one\ntw")
        log.catchUp(now: at(1))
        #expect(log.takeFresh() == [.line("one")])
        append("o\n")
        log.catchUp(now: at(2))
        #expect(log.takeFresh() == [.line("two")])
        #expect(log.tail(10).map(\.text) == ["one", "two"])
        #expect(log.tail(10).map(\.at) == [at(1), at(2)])
    }

    @Test("a last line without its end counts when the engine is gone")
    func lastLine() {
        let log = log()
        append("one\nhalf a line")
        log.finish(now: at(0))
        #expect(log.tail(10).map(\.text) == ["one", "half a line"])
    }

    @Test("it is rotated at its limit while the engine has it open, and nothing that was read is lost")
    func rotates() throws {
        let log = log(LogLimits(rotation: LogRotation(maxBytes: 1000, keptFiles: 2)))
        let engine = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(engine) }
        for round in 0..<5 {
            let text = (0..<30).map { "round \(round) line \($0) of a chatty engine\n" }.joined()
            _ = text.withCString { write(engine, $0, strlen($0)) }
            log.catchUp(now: at(0))
        }
        #expect(log.tail(1000).count == 150)
        #expect(try #require(FileStatus(path)).bytes == 0)
        #expect(FileContent.text(path + ".1")?.contains("round 4 line 29") ?? false)
        #expect(FileContent.text(path + ".2")?.contains("round 3 line 0") ?? false)
        #expect(FileStatus(path + ".3") == nil)
    }

    @Test("a flood is skipped, not read into memory, and it says so")
    func flood() {
        let log = log()
        log.catchUp(now: at(0))
        append("first\n")
        log.catchUp(now: at(0))
        append((0..<40_000).map { "a line of a flood, number \($0), with some length to it, and more\n" }.joined())
        log.catchUp(now: at(0))
        let tail = log.tail(2000).map(\.text)
        #expect(tail.last?.contains("number 39999") ?? false)
        #expect(tail.count == 2000)
    }

    @Test("secrets do not stand in what is read")
    func secrets() {
        let key = String(repeating: "ab", count: 32)
        let log = log(secret: key)
        append(
            "api_key='\(key)' token ik_live_0123abcd_\(String(repeating: "c", count: 64)) hf_\(String(repeating: "d", count: 30))\n"
        )
        log.catchUp(now: at(0))
        let text = log.tail(1)[0].text
        #expect(text == "api_key='…' token ik_live_0123abcd… hf_…")
    }

    @Test("an emptied file is read from its start")
    func truncated() {
        let log = log()
        append("one\ntwo\nthree\n")
        log.catchUp(now: at(0))
        truncate(path, 0)
        append("new\n")
        log.catchUp(now: at(0))
        #expect(log.takeFresh().last == .line("new"))
    }
}

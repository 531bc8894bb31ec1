import Console
import InferenceKeyWire
import Testing

@Suite("Progress of workloads")
struct ProgressTests {
    private let start = Timestamp(milliseconds: 1_000_000)

    private func event(
        _ phase: ReadinessPhase, _ message: String = "", _ progress: StepProgress? = nil, cause: FailureCause? = nil
    ) -> ReadinessEvent {
        ReadinessEvent(phase: phase, message: message, elapsedMilliseconds: 0, progress: progress, cause: cause)
    }

    @Test("a line shows step, bytes, time left and time passed")
    func line() {
        var board = ProgressBoard(["support-bot", "embed"], began: start)
        let download = StepProgress(
            step: .downloadModel, bytesDone: 1_200_000_000, bytesTotal: 4_500_000_000, etaMilliseconds: 130_000)
        board.note(event(.provisioning, "downloading", download), of: "support-bot", at: start)
        board.note(event(.ready), of: "embed", at: start.adding(seconds: 54))
        #expect(
            board.lines(at: start.adding(seconds: 62), width: 120, style: .plain) == [
                "· support-bot  download_model  1.2 of 4.5 GB  26%  2m left  1:02",
                "✓ embed        ready  0:54",
            ])
        #expect(!board.isDone)
    }

    @Test("bytes of any number are shown, and end nothing")
    func absurdBytes() {
        var board = ProgressBoard(["a"], began: start)
        let download = StepProgress(step: .downloadModel, bytesDone: .max, bytesTotal: .max)
        board.note(event(.provisioning, "downloading", download), of: "a", at: start)
        #expect(board.workloads[0].detail == "download_model  9223 of 9223 PB  100%")
    }

    @Test("a failure shows its cause and ends the wait")
    func failure() {
        var board = ProgressBoard(["a"], began: start)
        board.note(event(.error, "needs 80 GB", cause: .outOfGPUMemory), of: "a", at: start.adding(seconds: 3))
        #expect(board.isDone)
        #expect(
            board.lines(at: start.adding(seconds: 99), width: 20, style: .plain) == ["✗ a  out_of_gpu_mem…"])
        #expect(board.workloads[0].outcome == .failed("out_of_gpu_memory: needs 80 GB"))
    }

    @Test("a log gets a line per step and one now and then in between")
    func news() {
        var board = ProgressBoard(["a"], began: start)
        #expect(board.news(at: start) == ["0:00  a  waiting"])
        let load = StepProgress(step: .loadModel, bytesDone: 1, bytesTotal: 10)
        board.note(event(.bootstrapping, "loading", load), of: "a", at: start.adding(seconds: 1))
        #expect(board.news(at: start.adding(seconds: 1)) == ["0:01  a  load_model  1 of 10 B  10%"])
        #expect(board.news(at: start.adding(seconds: 2)).isEmpty)
        #expect(board.news(at: start.adding(seconds: 16)).count == 1)
        board.note(event(.ready), of: "a", at: start.adding(seconds: 20))
        #expect(board.news(at: start.adding(seconds: 20)) == ["0:20  a  ready"])
        #expect(board.news(at: start.adding(seconds: 90)).isEmpty)
    }

    @Test("a repainted block covers the one before it")
    func repaint() {
        var painter = Repainter()
        #expect(painter.paint(["a", "b"]) == "\r\u{1B}[Ka\n\r\u{1B}[Kb\n")
        #expect(painter.paint(["c", "d"]) == "\u{1B}[2A\r\u{1B}[Kc\n\r\u{1B}[Kd\n")
    }
}

import InferenceKeyWire
import Testing
import Worker

@Suite("A hung engine is told from a busy one")
struct EnginePulseTests {
    private let limits = HealthLimits(maxFailures: 3, maxStandstill: .seconds(30))
    private let step = Duration.seconds(5)

    @Test("some unanswered questions are forgiven, too many in a row are not")
    func failures() {
        var pulse = EnginePulse(limits: limits)
        for isHealthy in [false, false, true, false, false] {
            #expect(pulse.observe(isHealthy: isHealthy, activity: nil, elapsed: step) == nil)
        }
        #expect(pulse.observe(isHealthy: false, activity: nil, elapsed: step)?.contains("3 times in a row") ?? false)
    }

    @Test("an engine that does not answer in time but gets on with its work lives")
    func busy() {
        var pulse = EnginePulse(limits: limits)
        for tokens in 0..<20 {
            let activity = EngineActivity(running: 4, progress: Double(tokens))
            #expect(pulse.observe(isHealthy: false, activity: activity, elapsed: step) == nil)
        }
    }

    @Test("an engine that answers, has work and gets nowhere is hung")
    func hung() {
        var pulse = EnginePulse(limits: limits)
        let still = EngineActivity(running: 2, progress: 10)
        var reasons: [String?] = []
        for round in 0..<21 {
            reasons.append(pulse.observe(isHealthy: true, activity: round % 3 == 0 ? still : nil, elapsed: step))
        }
        #expect(reasons.firstIndex { $0 != nil } == 6)
        #expect(reasons.compactMap(\.self).first?.contains("no progress for 30 s") ?? false)
    }

    @Test("an idle engine does not move and is not hung")
    func idle() {
        var pulse = EnginePulse(limits: limits)
        for _ in 0..<50 {
            let activity = EngineActivity(running: 0, progress: 10)
            #expect(pulse.observe(isHealthy: true, activity: activity, elapsed: step) == nil)
        }
    }
}

@Suite("The progress of a start")
struct StartProgressTests {
    @Test("steps do not go backwards")
    func order() {
        var progress = StartProgress(.startEngine, at: .milliseconds(0))
        #expect(progress.note(StepProgress(step: .loadModel), at: .milliseconds(1)) == true)
        #expect(
            progress.note(StepProgress(step: .downloadModel, bytesDone: 1, bytesTotal: 2), at: .milliseconds(2))
                == false)
        #expect(progress.current.step == .loadModel)
    }

    @Test("bytes that stand still for 60 s are a stall, and no longer when they move")
    func stall() {
        var progress = StartProgress(.downloadModel, at: .milliseconds(0))
        #expect(
            progress.note(StepProgress(step: .downloadModel, bytesDone: 10, bytesTotal: 100), at: .milliseconds(1000))
                == true)
        progress.noteLife(at: .milliseconds(50_000))
        #expect(progress.checkStall(after: .seconds(60), at: .milliseconds(60_000)) == false)
        #expect(progress.checkStall(after: .seconds(60), at: .milliseconds(61_000)) == true)
        #expect(progress.current.stalled)
        #expect(progress.checkStall(after: .seconds(60), at: .milliseconds(62_000)) == false)
        #expect(
            progress.note(StepProgress(step: .downloadModel, bytesDone: 11, bytesTotal: 100), at: .milliseconds(63_000))
                == true)
        #expect(!progress.current.stalled)
    }

    @Test("a step without bytes is stalled when the engine is silent")
    func silence() {
        var progress = StartProgress(.warmUp, at: .milliseconds(0))
        progress.noteLife(at: .milliseconds(50_000))
        #expect(progress.checkStall(after: .seconds(60), at: .milliseconds(100_000)) == false)
        #expect(progress.checkStall(after: .seconds(60), at: .milliseconds(110_000)) == true)
    }

    @Test("the time that is left is estimated where the engine does not tell")
    func estimate() {
        var progress = StartProgress(.downloadModel, at: .milliseconds(0))
        _ = progress.note(StepProgress(step: .downloadModel, bytesDone: 0, bytesTotal: 100), at: .milliseconds(0))
        _ = progress.note(StepProgress(step: .downloadModel, bytesDone: 25, bytesTotal: 100), at: .milliseconds(5000))
        #expect(progress.current.etaMilliseconds == 15_000)
    }
}

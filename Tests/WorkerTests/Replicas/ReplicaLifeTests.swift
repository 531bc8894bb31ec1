import InferenceKeyWire
import Testing
import Worker

/// A life with a clock that a test turns.
private struct Story {
    var life: ReplicaLife
    var now = Timestamp(milliseconds: 1_000_000)

    init(policy: RestartPolicy = RestartPolicy()) { life = ReplicaLife(policy: policy, at: now) }

    mutating func happens(_ event: ReplicaLife.Event, after seconds: Int = 0) -> [ReplicaLife.Action] {
        now = now.adding(seconds: seconds)
        return life.handle(event, at: now)
    }

    /// From placed to ready.
    mutating func becomeReady() {
        _ = happens(.assigned(isDraining: false))
        _ = happens(.prepared)
        _ = happens(.spawned)
        _ = happens(.becameReady)
    }

    /// One failed try, from preparing on; gives the wait that follows.
    mutating func crash(_ failure: Failure = Failure(.engineExited, "it exited")) -> [ReplicaLife.Action] {
        _ = happens(.prepared)
        _ = happens(.spawned)
        _ = happens(.exited)
        return happens(.cleaned(failure))
    }
}

@Suite("The life of a replica")
struct ReplicaLifeTests {
    @Test("an assigned replica is prepared, started and becomes ready")
    func happyStart() {
        var story = Story()
        #expect(story.happens(.assigned(isDraining: false)) == [.prepare])
        #expect(story.life.state == .preparing)
        #expect(story.happens(.prepared) == [.spawn])
        #expect(story.happens(.spawned) == [.awaitReady])
        #expect(story.life.state == .starting)
        #expect(story.happens(.becameReady, after: 3) == [.watchHealth])
        #expect(story.life.state == .ready)
        #expect(story.life.since == story.now)
    }

    @Test("an engine that runs already is taken over without being prepared")
    func adoption() {
        var story = Story()
        #expect(story.happens(.adopted) == [.awaitReady])
        #expect(story.happens(.assigned(isDraining: false)) == [])
        #expect(story.happens(.becameReady) == [.watchHealth])
        #expect(story.life.restarts == 0)
    }

    @Test("after an exit it is cleaned up first, then tried again after its back-off")
    func crash() {
        var story = Story()
        story.becomeReady()
        #expect(story.happens(.exited) == [.clean])
        #expect(story.life.state == .ended)
        #expect(story.happens(.cleaned(Failure(.engineExited, "status 1"))) == [.wait(.seconds(10))])
        #expect(story.life.state == .backingOff)
        #expect(story.life.failure?.reason == "status 1")
        #expect(story.happens(.waited, after: 10) == [.prepare])
        #expect(story.life.restarts == 1)
    }

    @Test("delays double from 10 s up to 300 s, and from the third failure on it is a crash loop")
    func crashLoop() {
        var story = Story()
        _ = story.happens(.assigned(isDraining: false))
        var delays: [Duration] = []
        var causes: [FailureCause?] = []
        for _ in 0..<7 {
            if case .wait(let delay)? = story.crash().first { delays.append(delay) }
            causes.append(story.life.failure?.cause)
            _ = story.happens(.waited)
        }
        #expect(delays == [10, 20, 40, 80, 160, 300, 300].map { .seconds($0) })
        #expect(causes == [.engineExited, .engineExited] + [FailureCause?](repeating: .crashLoop, count: 5))
    }

    @Test("a failure with a name of its own keeps it, however often it comes")
    func namedCause() {
        var story = Story()
        _ = story.happens(.assigned(isDraining: false))
        for _ in 0..<4 {
            _ = story.crash(Failure(.outOfGPUMemory, "CUDA out of memory"))
            #expect(story.life.failure?.cause == .outOfGPUMemory)
            #expect(story.life.state == .backingOff)
            _ = story.happens(.waited)
        }
    }

    @Test("ten healthy minutes make earlier failures forgotten, nine do not", arguments: [(540, 40), (600, 10)])
    func forgetting(healthySeconds: Int, delay: Int) {
        var story = Story()
        _ = story.happens(.assigned(isDraining: false))
        for _ in 0..<2 {
            _ = story.crash()
            _ = story.happens(.waited)
        }
        _ = story.happens(.prepared)
        _ = story.happens(.spawned)
        _ = story.happens(.becameReady)
        _ = story.happens(.exited, after: healthySeconds)
        #expect(story.happens(.cleaned(Failure(.engineExited, "x"))) == [.wait(.seconds(delay))])
    }

    @Test("the last failure stays visible while it is tried again, and is gone when it is ready")
    func failureStays() {
        var story = Story()
        _ = story.happens(.assigned(isDraining: false))
        _ = story.crash()
        _ = story.happens(.waited)
        #expect(story.life.failure != nil)
        story.becomeReady()
        #expect(story.life.failure == nil)
    }

    @Test("a bad command is never tried again")
    func badCommand() {
        var story = Story()
        _ = story.happens(.assigned(isDraining: false))
        #expect(story.happens(.failed(Failure(.badCommand, "no"))) == [])
        #expect(story.life.state == .failed)
    }

    @Test(
        "what may change outside is tried again seldom, and stays failed meanwhile",
        arguments: [(FailureCause.modelNotFound, 300), (.engineMissing, 300), (.noCapacity, 30)])
    func seldom(cause: FailureCause, delay: Int) {
        var story = Story()
        _ = story.happens(.assigned(isDraining: false))
        #expect(story.happens(.failed(Failure(cause, "no"))) == [.wait(.seconds(delay))])
        #expect(story.life.state == .failed)
        #expect(story.happens(.waited) == [.prepare])
    }

    @Test("a port of ours that was taken is changed at once, three times; then it backs off")
    func portTaken() {
        var story = Story()
        _ = story.happens(.assigned(isDraining: false))
        let taken = Failure(.portInUse, "taken", anotherPortMayHelp: true)
        for _ in 0..<3 { #expect(story.crash(taken) == [.prepare]) }
        #expect(story.crash(taken) == [.wait(.seconds(10))])
    }

    @Test("a port that the command names is not tried again at once")
    func namedPortTaken() {
        var story = Story()
        _ = story.happens(.assigned(isDraining: false))
        #expect(story.happens(.failed(Failure(.portInUse, "taken"))) == [.wait(.seconds(10))])
    }

    @Test("an engine that says it cannot serve is stopped before it is tried again")
    func cannotServe() {
        var story = Story()
        _ = story.happens(.assigned(isDraining: false))
        _ = story.happens(.prepared)
        _ = story.happens(.spawned)
        #expect(story.happens(.failed(Failure(.modelNotFound, "no such model"))) == [.stop])
        #expect(story.happens(.exited) == [])
        #expect(story.happens(.stopped) == [.wait(.seconds(300))])
        #expect(story.life.state == .failed)
    }

    @Test("an engine that does not answer is stopped and tried again")
    func unhealthy() {
        var story = Story()
        story.becomeReady()
        #expect(story.happens(.unhealthy(Failure(.engineExited, "no answer"))) == [.stop])
        #expect(story.happens(.stopped) == [.wait(.seconds(10))])
        #expect(story.life.state == .backingOff)
    }

    @Test("a draining replica is kept, and not restarted when it ends")
    func draining() {
        var story = Story()
        story.becomeReady()
        #expect(story.happens(.assigned(isDraining: true)) == [])
        #expect(story.life.state == .draining)
        #expect(story.happens(.exited) == [.clean])
        #expect(story.happens(.cleaned(Failure(.engineExited, "x"))) == [])
        #expect(story.life.state == .stopped)
        #expect(story.happens(.unassigned) == [.finish])
    }

    @Test("draining ends a wait: nothing is started any more")
    func drainingWhileWaiting() {
        var story = Story()
        _ = story.happens(.assigned(isDraining: false))
        _ = story.crash()
        #expect(story.happens(.assigned(isDraining: true)) == [])
        #expect(story.life.state == .stopped)
        #expect(story.happens(.waited) == [])
    }

    @Test("an unassigned replica is stopped, and its life ends when nothing is left")
    func unassigned() {
        var story = Story()
        story.becomeReady()
        #expect(story.happens(.unassigned) == [.stop])
        #expect(story.life.state == .stopping(.finish))
        #expect(story.happens(.stopped) == [.finish])
        #expect(story.life.state == .stopped)
    }

    @Test("unassigned while it is cleaned up, it ends after that")
    func unassignedWhileEnded() {
        var story = Story()
        story.becomeReady()
        _ = story.happens(.exited)
        #expect(story.happens(.unassigned) == [])
        #expect(story.happens(.cleaned(Failure(.engineExited, "x"))) == [.finish])
    }

    @Test("unassigned while it is stopped for a restart, it does not come back")
    func unassignedWhileStopping() {
        var story = Story()
        story.becomeReady()
        _ = story.happens(.unhealthy(Failure(.engineExited, "no answer")))
        #expect(story.happens(.unassigned) == [])
        #expect(story.happens(.stopped) == [.finish])
    }

    @Test("with any events in any order a life never starts two engines at once and always can end", arguments: 0..<200)
    func anyOrder(seed: UInt64) {
        var random = SplitMix(state: seed)
        var story = Story()
        var isRunning = false
        let failure = Failure(.engineExited, "x")
        let events: [ReplicaLife.Event] = [
            .assigned(isDraining: false), .assigned(isDraining: true), .prepared, .spawned, .becameReady,
            .failed(failure), .unhealthy(failure), .exited, .cleaned(failure), .waited, .stopped,
        ]
        for _ in 0..<100 {
            guard let event = events.randomElement(using: &random) else { continue }
            let stateBefore = story.life.state
            for action in story.happens(event, after: 1) {
                if action == .spawn {
                    #expect(!isRunning, "spawned while one runs, after \(event) in \(stateBefore)")
                    isRunning = true
                }
                #expect(action != .finish)
            }
            // Both end with nothing left; the shell reports them only then.
            if event == .stopped || event == .cleaned(failure) {
                isRunning = isRunning && story.life.state == .starting
            }
            if story.life.state == .preparing { isRunning = false }
        }
        var finished = story.happens(.unassigned).contains(.finish)
        finished = story.happens(.cleaned(failure)).contains(.finish) || finished
        finished = story.happens(.stopped).contains(.finish) || finished
        #expect(finished)
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

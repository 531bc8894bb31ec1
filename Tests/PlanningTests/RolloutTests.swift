import Fleet
import InferenceKeyWire
import Planning
import Testing

@Suite("A changed spec is rolled out without an outage")
struct RolloutTests {
    @Test("a declared workload is placed once")
    func places() {
        var story = PlanningStory()
        story.declare("chat")
        #expect(story.tick() == ["place wl_chat r1 on wk_box"])
        #expect(story.tick() == [])
    }

    @Test("the new replica is ready before the old one is drained, and the record outlives the engine")
    func rolls() {
        var story = PlanningStory.serving()
        story.declare("chat", command: "vllm serve m --max-model-len 512")
        #expect(story.settle() == ["place wl_chat r2 on wk_box"])
        story.observe("rp_2", .starting)
        #expect(story.settle() == [])
        #expect(story.verdict("chat")?.status == .starting)
        #expect(story.verdict("chat")?.ready == 1)
        story.observe("rp_2", .ready)
        #expect(story.settle() == ["drain rp_1"])
        story.sight.drained = [ID("rp_1")]
        #expect(story.settle() == ["stop rp_1"])
        #expect(story.state.replicas[ID("rp_1")] != nil)
        story.sight.gone = [ID("rp_1")]
        #expect(story.settle() == ["remove rp_1"])
        #expect(story.verdict("chat")?.status == .ready)
    }

    @Test("a new revision that never becomes ready leaves the old one serving")
    func keepsOld() {
        var story = PlanningStory.serving()
        story.declare("chat", command: "vllm serve m --bad")
        _ = story.settle()
        story.observe("rp_2", .failed, cause: .badCommand)
        #expect(story.settle() == [])
        let verdict = story.verdict("chat")
        #expect(verdict?.status == .degraded)
        #expect(verdict?.cause == .badCommand)
        #expect(verdict?.ready == 1)
    }

    @Test("a further change ends the replica that failed at once, and the one that serves when the new one does")
    func secondChange() {
        var story = PlanningStory.serving()
        story.declare("chat", command: "vllm serve m --bad")
        _ = story.settle()
        story.observe("rp_2", .failed, cause: .badCommand)
        story.declare("chat", command: "vllm serve m --good")
        #expect(story.settle() == ["place wl_chat r3 on wk_box", "stop rp_2"])
        story.observe("rp_3", .ready)
        #expect(story.settle() == ["drain rp_1"])
    }

    @Test("mending a bad change ends the replica that fails, also where there is no room for a third")
    func mendsWithoutOutage() {
        var story = PlanningStory.serving(workers: [("gpu", 2)])
        story.declare("chat", command: "vllm serve m --bad")
        #expect(story.settle() == ["place wl_chat r2 on wk_gpu GPU-1"])
        story.observe("rp_2", .backingOff, cause: .crashLoop)
        story.declare("chat", command: "vllm serve m --good")
        #expect(story.settle() == ["stop rp_2"])
        story.sight.gone = [ID("rp_2")]
        #expect(story.settle() == ["remove rp_2", "place wl_chat r3 on wk_gpu GPU-1"])
        story.observe("rp_3", .ready)
        #expect(story.settle() == ["drain rp_1"])
    }

    @Test("a change that needs the devices of several replicas ends all of them, and no other")
    func makesRoomTogether() {
        var story = PlanningStory(workers: [("gpu", 2), ("other", 1)])
        story.declare("chat", replicas: 3)
        #expect(story.settle().count == 3)
        for index in 1...3 { story.observe("rp_\(index)", .ready) }
        story.declare("chat", command: "vllm serve m -tp 2", replicas: 3)
        let onPair = story.state.replicas.values.filter { $0.workerID == ID("wk_gpu") }.map { "drain \($0.id)" }
        #expect(Set(story.settle()) == Set(onPair))
    }

    @Test("where the old one must go first, the memory that it uses itself is no other program's")
    func recreatesOnUsedDevice() {
        var story = PlanningStory.serving(workers: [("gpu", 1)])
        story.sight.workers[ID("wk_gpu")]?.inventory.devices[0].memoryFreeBytes = 7 << 30
        story.declare("chat", command: "vllm serve m --max-model-len 512")
        #expect(story.settle() == ["drain rp_1"])
    }

    @Test("going back to what still runs restarts nothing")
    func goesBack() {
        var story = PlanningStory.serving()
        story.declare("chat", command: "vllm serve m --other")
        #expect(story.settle() == ["place wl_chat r2 on wk_box"])
        story.declare("chat")
        #expect(story.settle() == ["stop rp_2"])
        #expect(story.verdict("chat")?.status == .ready)
        story.declare("chat") { $0.workerID = ID("wk_box") }
        #expect(story.settle() == [])
    }

    @Test("a port that the command names can be had once: the old one ends first, another workload waits")
    func namedPort() {
        var story = PlanningStory()
        story.declare("chat", command: "vllm serve m --port 8001")
        #expect(story.settle() == ["place wl_chat r1 on wk_box"])
        story.observe("rp_1", .ready)
        #expect(story.verdict("chat")?.replacement == .recreate)
        story.declare("other", command: "vllm serve m --port 8001")
        #expect(story.settle() == [])
        #expect(story.verdict("other")?.reason?.contains("another replica on the port 8001") == true)
        story.state.apply(.removeWorkload(ID("wl_other")))
        story.declare("chat", command: "vllm serve m --port 8001 --seed 1")
        #expect(story.settle() == ["drain rp_1"])
    }

    @Test("a change no engine notices restarts nothing")
    func inPlace() {
        var story = PlanningStory.serving()
        story.declare("chat") { $0.description = "new words" }
        #expect(story.settle() == [])
        #expect(story.verdict("chat")?.status == .ready)
    }

    @Test("where there is no room for both, the old one ends first and the plan says so beforehand")
    func recreates() {
        var story = PlanningStory.serving(workers: [("gpu", 1)])
        #expect(story.verdict("chat")?.replacement == .recreate)
        story.declare("chat", command: "vllm serve m --max-model-len 512")
        #expect(story.settle() == ["drain rp_1"])
        story.sight.drained = [ID("rp_1")]
        #expect(story.settle() == ["stop rp_1"])
        story.sight.gone = [ID("rp_1")]
        #expect(story.settle() == ["remove rp_1", "place wl_chat r2 on wk_gpu GPU-0"])
    }

    @Test("fewer replicas end the newest, none at all ends every one", arguments: [0, 1, 2])
    func scalesDown(to count: Int) {
        var story = PlanningStory()
        story.declare("chat", replicas: 3)
        #expect(story.settle().count == 3)
        for index in 1...3 { story.observe("rp_\(index)", .ready) }
        story.declare("chat", replicas: count)
        #expect(story.settle() == (count + 1...3).reversed().map { "drain rp_\($0)" })
        #expect(story.verdict("chat")?.status == (count == 0 ? .stopped : .ready))
    }

    @Test("a drain that lasts longer than its deadline ends")
    func drainDeadline() {
        var story = PlanningStory.serving()
        story.declare("chat", replicas: 0)
        #expect(story.settle() == ["drain rp_1"])
        story.now = story.now.adding(seconds: 59)
        #expect(story.settle() == [])
        story.now = story.now.adding(seconds: 1)
        #expect(story.settle() == ["stop rp_1"])
    }

    @Test("a deleted workload goes when its last replica has gone")
    func deletes() {
        var story = PlanningStory()
        story.declare("chat")
        _ = story.settle()
        story.observe("rp_1", .starting)
        let now = story.now
        story.declare("chat") { $0.deletingSince = now }
        #expect(story.settle() == ["stop rp_1"])
        story.sight.gone = [ID("rp_1")]
        #expect(story.settle() == ["remove rp_1", "remove wl_chat"])
    }

    @Test("a lost worker's replica is replaced elsewhere after a while, and given up once the other one serves")
    func lostWorker() {
        var story = PlanningStory(workers: [("a", 0), ("b", 0)])
        story.declare("chat")
        #expect(story.settle() == ["place wl_chat r1 on wk_a"])
        story.observe("rp_1", .ready)
        story.sight.workers[ID("wk_a")]?.isLive = false
        #expect(story.settle() == [])
        #expect(story.verdict("chat")?.cause == .workerLost)
        story.now = story.now.adding(seconds: 120)
        #expect(story.settle() == ["place wl_chat r1 on wk_b"])
        story.observe("rp_2", .ready)
        #expect(story.settle() == ["drain rp_1"])
    }
}

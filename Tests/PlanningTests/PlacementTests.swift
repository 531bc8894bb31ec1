import Fleet
import InferenceKeyWire
import Planning
import Testing

@Suite("A place is found, or each worker says why not")
struct PlacementTests {
    @Test("a device is not given twice")
    func notTwice() {
        var story = PlanningStory(workers: [("gpu", 2)])
        story.declare("a")
        story.declare("b")
        story.declare("c")
        #expect(
            story.settle() == ["place wl_a r1 on wk_gpu GPU-0", "place wl_b r1 on wk_gpu GPU-1"])
        #expect(story.verdict("c")?.status == .pending)
        #expect(story.verdict("c")?.cause == .noCapacity)
    }

    @Test("two engines with explicit shares fit on one device")
    func shares() {
        var story = PlanningStory(workers: [("gpu", 1)])
        for slug in ["a", "b", "c"] { story.declare(slug, command: "vllm serve m --gpu-memory-utilization 0.45") }
        #expect(story.settle() == ["place wl_a r1 on wk_gpu GPU-0", "place wl_b r1 on wk_gpu GPU-0"])
        #expect(story.verdict("c")?.reason?.contains("90 % of it is taken and 45 % is asked for") == true)
    }

    @Test("tensor parallelism takes as many devices as it says")
    func parallel() {
        var story = PlanningStory(workers: [("small", 1), ("large", 4)])
        story.declare("big", command: "vllm serve m --tensor-parallel-size=2 -pp 2")
        #expect(story.settle() == ["place wl_big r1 on wk_large GPU-0+GPU-1+GPU-2+GPU-3"])
    }

    @Test(
        "numbers that no engine would take are read as far as they make sense",
        arguments: [
            ("vllm serve m -tp 2 -pp 9223372036854775807", 1024, 0.9),
            ("vllm serve m --tensor-parallel-size 9223372036854775807 -dp 9223372036854775807", 1024, 0.9),
            ("vllm serve m --gpu-memory-utilization nan", 1, 0.9),
            ("vllm serve m --gpu-memory-utilization inf", 1, 0.9),
            ("vllm serve m --tensor_parallel_size 2 --gpu_memory_utilization=0.4", 2, 0.4),
        ])
    func numbers(command: String, count: Int, share: Double) {
        var story = PlanningStory()
        let need = DeviceRequirement(of: story.declare("a", command: command))
        #expect(need.count == count && need.share == share)
    }

    @Test("with attention in parallel over data, SGLang's ranks share the GPUs")
    func dataParallelAttention() {
        var story = PlanningStory()
        let line = "sglang serve --model-path m --tp 8 --dp 8"
        #expect(DeviceRequirement(of: story.declare("a", command: line, backend: .sglang)).count == 64)
        let shared = story.declare("b", command: line + " --enable-dp-attention", backend: .sglang)
        #expect(DeviceRequirement(of: shared).count == 8)
    }

    @Test("a device that is partly taken takes no engine whose share is no number")
    func strangeShare() {
        var story = PlanningStory(workers: [("gpu", 1)])
        story.declare("a", command: "vllm serve m --gpu-memory-utilization 0.45")
        story.declare("b", command: "vllm serve m --gpu-memory-utilization nan")
        #expect(story.settle() == ["place wl_a r1 on wk_gpu GPU-0"])
        #expect(story.verdict("b")?.reason?.contains("45 % of it is taken and 90 % is asked for") == true)
    }

    @Test("during a rollout an engine's memory counts as it was placed, not as it is declared now")
    func cpuMemoryOfTheOld() {
        var story = PlanningStory(workers: [("box", 0)])
        story.declare("a") { $0.config?["env"] = ["VLLM_CPU_KVCACHE_SPACE": "20"] }
        #expect(story.settle() == ["place wl_a r1 on wk_box"])
        story.declare("a") {
            $0.config?["env"] = ["VLLM_CPU_KVCACHE_SPACE": "1"]
            $0.executionPolicyConfig = ["replicas": 0]
        }
        story.declare("b") { $0.config?["env"] = ["VLLM_CPU_KVCACHE_SPACE": "10"] }
        #expect(!story.settle().contains("place wl_b r1 on wk_box"))
        #expect(story.verdict("b")?.reason?.contains("has 4.0 GiB of 24.0 GiB of memory left") == true)
    }

    @Test("a pin is obeyed, or explained")
    func pins() {
        var story = PlanningStory(workers: [("a", 2), ("b", 2)])
        story.declare("x") {
            $0.workerID = ID("wk_b")
            $0.gpuResourceID = "GPU-1"
        }
        story.declare("y") { $0.workerID = ID("wk_nowhere") }
        story.declare("z") { $0.gpuResourceID = "GPU-9" }
        #expect(story.settle() == ["place wl_x r1 on wk_b GPU-1"])
        #expect(story.verdict("y")?.reason == "there is no worker wk_nowhere, to which the workload is pinned")
        #expect(story.verdict("z")?.reason?.contains("has no device GPU-9, which is pinned") == true)
    }

    @Test("memory other programs hold is not given away")
    func foreignMemory() {
        var story = PlanningStory(workers: [("gpu", 1)])
        story.sight.workers[ID("wk_gpu")]?.inventory.devices[0].memoryFreeBytes = 10 << 30
        story.declare("a")
        #expect(story.settle() == [])
        #expect(
            story.verdict("a")?.reason?.contains("other programs left 10.0 GiB free and 72.0 GiB are asked for") == true
        )
    }

    @Test("the cache a CPU engine claims is counted against the machine's memory")
    func cpuMemory() {
        var story = PlanningStory(workers: [("box", 0)])
        for slug in ["a", "b", "c"] {
            story.declare(slug) { $0.config?["env"] = ["VLLM_CPU_KVCACHE_SPACE": "10"] }
        }
        #expect(story.settle().count == 2)
        #expect(story.verdict("c")?.reason?.contains("has 4.0 GiB of 24.0 GiB of memory left") == true)
    }

    @Test("a missing engine is named, with what there is")
    func missingEngine() {
        var story = PlanningStory(workers: [])
        story.addWorker("box", gpus: 0, engines: [.llamacpp])
        story.declare("a")
        #expect(story.settle() == [])
        #expect(story.verdict("a")?.cause == .engineMissing)
        #expect(story.verdict("a")?.reason == "worker box has no vllm engine (found: llamacpp 1); run there: ik doctor")
        story.declare("a") { $0.config?["vllm_version"] = .null }
        #expect(story.settle() == [])
    }

    @Test("a cordoned device gets nothing new, a cordoned worker neither")
    func cordons() {
        var story = PlanningStory(workers: [("gpu", 2)])
        var worker = story.state.workers[ID("wk_gpu")]
        worker?.cordonedDevices = ["GPU-0"]
        if let worker { story.state.apply(.putWorker(worker)) }
        story.declare("a")
        #expect(story.settle() == ["place wl_a r1 on wk_gpu GPU-1"])
        worker?.isCordoned = true
        if let worker { story.state.apply(.putWorker(worker)) }
        story.declare("b")
        #expect(story.settle() == [])
        #expect(story.verdict("b")?.reason == "worker gpu is cordoned")
    }

    @Test("replicas spread over workers")
    func spread() {
        var story = PlanningStory(workers: [("a", 0), ("b", 0), ("c", 0)])
        story.declare("x", replicas: 3)
        #expect(
            story.settle() == [
                "place wl_x r1 on wk_a", "place wl_x r1 on wk_b", "place wl_x r1 on wk_c",
            ])
    }

    @Test("an explanation names every worker and device with the check that refused it")
    func explains() throws {
        var story = PlanningStory(workers: [("gpu", 1)])
        story.declare("a")
        _ = story.settle()
        let b = story.declare("b")
        let json = story.planner.explain(b, story.state, story.sight).json
        let worker = try #require(json["workers"]?.arrayValue?.first)
        #expect(worker["fits"] == false)
        let device = worker["devices"]?.arrayValue?.first
        #expect(device?["refused"] == "90 % of it is taken and 90 % is asked for")
    }

    @Test("whatever happens, no device is promised beyond its memory, and the same input gives the same plan")
    func properties() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            var story = PlanningStory(workers: [("a", 2), ("b", 1), ("c", 0)])
            for step in 0..<30 {
                let slug = "w\(Int.random(in: 0..<6, using: &random))"
                let share = ["0.3", "0.5", "0.9"].randomElement(using: &random) ?? "0.9"
                story.declare(
                    slug, command: "vllm serve m --gpu-memory-utilization \(share) --seed \(step / 10)",
                    replicas: Int.random(in: 0...3, using: &random))
                for replica in story.state.replicas.values {
                    let states: [ReplicaState] = [.placed, .starting, .ready, .failed, .backingOff]
                    story.observe(replica.id.text, states.randomElement(using: &random) ?? .ready)
                    if replica.intent == .drain { story.sight.drained.insert(replica.id) }
                    if replica.intent == .stop, Bool.random(using: &random) { story.sight.gone.insert(replica.id) }
                }
                let once = story.planner.plan(story.state, story.sight, now: story.now)
                #expect(once == story.planner.plan(story.state, story.sight, now: story.now))
                #expect(story.settle().last != "never settles")
                var held: [String: Double] = [:]
                for replica in story.state.replicas.values {
                    for device in replica.deviceIDs {
                        held["\(replica.workerID)/\(device)", default: 0] += replica.deviceShare
                    }
                }
                #expect(held.values.allSatisfy { $0 <= 1.0 + 1e-9 })
            }
        }
    }
}

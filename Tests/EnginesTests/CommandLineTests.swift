import Engines
import Fleet
import InferenceKeyWire
import Testing
import Worker

@Suite("How an engine is called")
struct CommandLineTests {
    private let folder = EngineFolder()
    private var programs: String { folder.path + "/bin" }

    private func machine(absolute: Bool = false, devices: [Device] = []) -> EngineMachine {
        EngineMachine(
            finder: EngineFinder(searchPath: [programs, "/usr/bin"], engineFolders: [folder.path + "/engines"]),
            devices: devices, allowsAbsoluteLaunchers: absolute, vllmPackage: PythonPackage(),
            installFolder: folder.path + "/installed")
    }

    private func replica(
        _ backend: Backend, _ model: String = "org/model", command: String? = nil, config: JSONObject = [:],
        devices: [String] = []
    ) -> ReplicaAssignment {
        var config = config
        if let command { config["command"] = .string(command) }
        return ReplicaAssignment(
            replicaID: ID("rp_1"), workloadSlug: "chat", revision: 1, backend: backend, taskType: .text2text,
            modelName: model, servedNames: [model, "chat"], config: config, deviceIDs: devices, engineKey: "KEY",
            isDraining: false)
    }

    private func plan(_ replica: ReplicaAssignment, on machine: EngineMachine? = nil) throws(Failure) -> EnginePlan {
        guard let adapter = BuiltInEngines.all.first(where: { $0.backend == replica.backend }) else {
            throw Failure(.engineMissing, "no adapter")
        }
        return try adapter.plan(EngineOrder(replica: replica, freePort: 4711), on: machine ?? self.machine())
    }

    private func launch(_ replica: ReplicaAssignment, on machine: EngineMachine? = nil) throws -> EngineLaunch {
        guard case .launch(let launch) = try plan(replica, on: machine) else {
            throw Failure(.engineMissing, "it is an installation")
        }
        return launch
    }

    private func failure(_ replica: ReplicaAssignment, on machine: EngineMachine? = nil) -> Failure? {
        #expect(throws: Failure.self) { try plan(replica, on: machine) }
    }

    @Test(
        "without a command the backend's default",
        arguments: [
            (Backend.vllm, "vllm serve org/model --host 127.0.0.1 --port 4711 --served-model-name org/model chat"),
            (
                .vllmOmni,
                "vllm serve org/model --omni --host 127.0.0.1 --port 4711 --served-model-name org/model chat"
            ),
            (
                .sglang,
                "sglang serve --model-path org/model --host 127.0.0.1 --port 4711 --served-model-name org/model"
            ),
            (.llamacpp, "llama-server -hf org/model --host 127.0.0.1 --port 4711 --alias org/model"),
            (.ollama, "ollama serve"),
        ])
    func defaults(backend: Backend, line: String) throws {
        let launch = try launch(replica(backend))
        let words = line.split(separator: " ").map(String.init)
        #expect(launch.program == "\(programs)/\(words[0])")
        #expect(launch.arguments == Array(words.dropFirst()))
        #expect(launch.port == 4711)
        #expect(launch.portIsOurs)
        #expect(launch.servedNames.first == "org/model")
        #expect(launch.pathFolders == [programs])
        #expect(!launch.arguments.contains("KEY"))
    }

    @Test("the user's words stay as they are; only what is absent is added")
    func userCommand() throws {
        let line = "vllm serve '/models/my model' --port=8001 --host localhost --served-model-name a b --x '{\"a\": 1}'"
        let launch = try launch(replica(.vllm, command: line))
        #expect(
            launch.arguments == [
                "serve", "/models/my model", "--port=8001", "--host", "localhost", "--served-model-name", "a", "b",
                "--x",
                "{\"a\": 1}",
            ])
        #expect(launch.port == 8001)
        #expect(!launch.portIsOurs)
        #expect(launch.servedNames == ["a", "b"])
    }

    @Test("the engine's key is in its environment where it takes one from there")
    func keys() throws {
        #expect(try launch(replica(.vllm)).variables == ["VLLM_API_KEY": "KEY"])
        #expect(try launch(replica(.llamacpp)).variables == ["LLAMA_API_KEY": "KEY"])
        #expect(try launch(replica(.sglang)).variables == [:])
        #expect(
            try launch(replica(.ollama)).variables
                == ["OLLAMA_HOST": "127.0.0.1:4711", "OLLAMA_KEEP_ALIVE": "-1", "OLLAMA_NOPRUNE": "1"])
        let patient = replica(.ollama, config: ["env": ["OLLAMA_KEEP_ALIVE": "5m"]])
        #expect(try launch(patient).variables["OLLAMA_KEEP_ALIVE"] == nil)
    }

    @Test(
        "what would take an engine out of the platform's hands is a bad command that says so",
        arguments: [
            (Backend.vllm, "vllm serve m --host 0.0.0.0", "--host 0.0.0.0 would open the engine"),
            (.vllm, "vllm serve m --host=::", "--host :: would open"), (.vllm, "vllm serve m --api-key x", "--api-key"),
            (.vllm, "vllm serve m --api_key=x", "--api_key"), (.vllm, "vllm serve m --uds /tmp/x", "--uds"),
            (.vllm, "vllm serve m --port 0", "--port"), (.vllm, "vllm serve m --port x", "--port"),
            (.llamacpp, "llama-server -m f --api-key-file /x", "--api-key-file"),
            (.sglang, "sglang serve --model-path m --api-key x", "--api-key"), (.vllm, "bash -c id", "must begin with"),
            (.vllm, "vllm serve m; id", "shell"), (.vllm, "", "is empty"), (.vllm, "vllm serve 'm", "never closed"),
            (.sglang, "sglang serve --host 10.0.0.1", "--host 10.0.0.1"),
        ])
    func refused(backend: Backend, line: String, words: String) {
        let failure = failure(replica(backend, command: line))
        #expect(failure?.cause == .badCommand)
        #expect(failure?.reason.contains(words) ?? false, "\(failure?.reason ?? "")")
        #expect(failure?.reason.hasPrefix("config.command") ?? false)
    }

    @Test("a model's name is never read as an option")
    func dashes() {
        #expect(failure(replica(.vllm, "--trust-remote-code"))?.cause == .badCommand)
    }

    @Test("a name with a quote in it is one word")
    func quotes() throws {
        #expect(
            try launch(replica(.llamacpp, "/m/it's a model.gguf")).arguments.starts(with: [
                "-m", "/m/it's a model.gguf",
            ]))
    }

    @Test("an absolute launcher only where the operator allows it")
    func absolute() throws {
        let replica = replica(.vllm, command: "\(programs)/vllm serve m")
        #expect(failure(replica)?.cause == .badCommand)
        #expect(try launch(replica, on: machine(absolute: true)).program == "\(programs)/vllm")
        let gone = self.replica(.vllm, command: "/nowhere/vllm serve m")
        #expect(failure(gone, on: machine(absolute: true))?.cause == .engineMissing)
    }

    @Test("an engine that is not there is engine_missing")
    func missing() {
        var machine = machine()
        machine.finder = EngineFinder(searchPath: ["/nowhere"], engineFolders: [])
        for backend in Backend.builtIn {
            #expect(failure(replica(backend), on: machine)?.cause == .engineMissing)
        }
    }

    @Test("devices are named by their ids; without any, the machine's GPUs are hidden")
    func devices() throws {
        let devices = [
            Device(id: "GPU-a", kind: .nvidia, name: "n", memoryBytes: 1),
            Device(id: "GPU-b", kind: .nvidia, name: "n", memoryBytes: 1),
            Device(id: "GPU-c", kind: .amd, name: "n", memoryBytes: 1),
            Device(id: "cpu", kind: .cpu, name: "n", memoryBytes: 1),
        ]
        let machine = machine(devices: devices)
        let two = try launch(replica(.vllm, devices: ["GPU-b", "GPU-a"]), on: machine).variables
        #expect(two["CUDA_VISIBLE_DEVICES"] == "GPU-b,GPU-a")
        #expect(two["ROCR_VISIBLE_DEVICES"] == nil)
        let amd = try launch(replica(.vllm, devices: ["GPU-c"]), on: machine).variables
        #expect(amd["ROCR_VISIBLE_DEVICES"] == "GPU-c")
        #expect(amd["CUDA_VISIBLE_DEVICES"] == nil)
        let none = try launch(replica(.llamacpp), on: machine).variables
        #expect(none["CUDA_VISIBLE_DEVICES"] == "")
        #expect(none["ROCR_VISIBLE_DEVICES"] == "-1")
        #expect(failure(replica(.vllm, devices: ["GPU-x"]), on: machine)?.cause == .noCapacity)
    }

    @Test("an exact vLLM version is run from its own environment, whatever else is there")
    func version() throws {
        folder.add("engines/vllm/0.31.0/bin/vllm")
        folder.add("engines/vllm/0.32.0/bin/vllm")
        let launch = try launch(replica(.vllm, config: ["vllm_version": "0.31.0"]))
        #expect(launch.program == "\(folder.path)/engines/vllm/0.31.0/bin/vllm")
        #expect(launch.pathFolders == ["\(folder.path)/engines/vllm/0.31.0/bin"])
    }

    @Test("a version that is not there is installed, by the operator's package and index")
    func install() throws {
        folder.add("engines/vllm/0.31.0/bin/vllm")
        var machine = machine()
        machine.vllmPackage = PythonPackage(name: "my-vllm", index: "https://index.example.org/simple")
        guard case .install(let install) = try plan(replica(.vllm, config: ["vllm_version": "0.33.1"]), on: machine)
        else {
            Issue.record("it is no installation")
            return
        }
        #expect(install.folder == folder.path + "/installed/vllm/0.33.1")
        #expect(install.name == "vLLM 0.33.1")
        #expect(install.steps.map(\.program) == ["/usr/bin/python3", install.folder + "/bin/python"])
        #expect(install.steps[1].arguments.last == "my-vllm==0.33.1")
        #expect(install.steps[1].variables == ["PIP_INDEX_URL": "https://index.example.org/simple"])
        #expect(install.advice.hasPrefix("vLLM 0.33.1 is not on this worker, which has 0.31.0"))
    }

    @Test(
        "a version is exact",
        arguments: [
            JSONValue.string("latest"), .string("../x"), .string("0.1/2"), .string(""), .int(1), .string(">=0.3"),
        ])
    func badVersion(version: JSONValue) {
        #expect(failure(replica(.vllm, config: ["vllm_version": version]))?.cause == .badCommand)
    }

    @Test("the weights on disk are known: a file, a folder, the parts of a split file")
    func weights() throws {
        folder.add("m/a.safetensors", bytes: 100)
        folder.add("m/b.safetensors", bytes: 50)
        folder.add("m/pytorch_model.bin", bytes: 1000)
        folder.add("g-00001-of-00002.gguf", bytes: 10)
        folder.add("g-00002-of-00002.gguf", bytes: 20)
        folder.add("one.gguf", bytes: 5)
        #expect(try launch(replica(.vllm, folder.path + "/m")).weights?.bytes == 150)
        #expect(try launch(replica(.llamacpp, folder.path + "/g-00001-of-00002.gguf")).weights?.bytes == 30)
        #expect(try launch(replica(.llamacpp, folder.path + "/one.gguf")).weights?.bytes == 5)
        #expect(try launch(replica(.llamacpp, folder.path + "/none.gguf")).weights == nil)
        #expect(try launch(replica(.vllm)).weights == nil)
    }
}

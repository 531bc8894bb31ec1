import Files
import Fleet
import InferenceKeyWire
import Testing
import Worker

@Suite("An engine's environment is clean")
struct EngineEnvironmentTests {
    private let launch = EngineLaunch(
        program: "/e/bin/vllm", arguments: [], variables: ["VLLM_API_KEY": "ours"], pathFolders: ["/e/bin"], port: 1,
        portIsOurs: true, servedNames: [])

    @Test("it has the engines' families of the agent's environment and nothing else of it")
    func families() {
        let agent = [
            "PATH": "/usr/bin", "HOME": "/home/ik", "LANG": "C", "TMPDIR": "/tmp", "VLLM_X": "1", "HF_TOKEN": "t",
            "OMP_NUM_THREADS": "2", "DO_NOT_TRACK": "1", "NVIDIA_X": "1", "ROCR_X": "1", "HIP_X": "1",
            "SSH_AUTH_SOCK": "/s", "AWS_SECRET_ACCESS_KEY": "x", "IK_OPERATOR_KEY": "ik_admin_", "LD_PRELOAD": "/x.so",
            "VLLM_API_KEY": "theirs", "DO_NOT_TRACK_ME": "1",
        ]
        let made = EngineEnvironment.make(
            agent: agent, operatorAdditions: ["EXTRA": "1"], workload: ["HF_HUB_OFFLINE": "1"], launch: launch,
            replica: ID("rp_1"))
        #expect(
            Set(made.keys) == [
                "PATH", "HOME", "LANG", "TMPDIR", "VLLM_X", "HF_TOKEN", "OMP_NUM_THREADS", "DO_NOT_TRACK", "NVIDIA_X",
                "ROCR_X", "HIP_X", "EXTRA", "HF_HUB_OFFLINE", "VLLM_API_KEY", "SPT_NOENV", "INFERENCEKEY_REPLICA",
            ])
        #expect(made["VLLM_API_KEY"] == "ours")
        #expect(made["INFERENCEKEY_REPLICA"] == "rp_1")
        #expect(made["PATH"] == "/e/bin:/usr/bin")
    }

    @Test("the workload's variables are strings with names that a process can have")
    func workload() throws {
        let config: JSONObject = ["env": ["HF_HUB_OFFLINE": "1", "MY_9": ""]]
        #expect(try EngineEnvironment.workload(config) == ["HF_HUB_OFFLINE": "1", "MY_9": ""])
        #expect(try EngineEnvironment.workload([:]) == [:])
    }

    @Test(
        "what a workload may not set is a bad command that names the variable",
        arguments: [
            ("VLLM_API_KEY", "x"), ("LLAMA_API_KEY", "x"), ("INFERENCEKEY_REPLICA", "x"), ("CUDA_VISIBLE_DEVICES", "0"),
            ("OLLAMA_HOST", "0.0.0.0"), ("LD_PRELOAD", "/x"), ("LD_LIBRARY_PATH", "/x"), ("PYTHONPATH", "/x"),
            ("PATH", "/x"), ("9A", "x"), ("A=B", "x"), ("", "x"), ("BASH_ENV", "/x"), ("N", 1), ("N", nil),
        ] as [(String, JSONValue)])
    func refused(name: String, value: JSONValue) {
        let error = #expect(throws: Failure.self) {
            try EngineEnvironment.workload(["env": .object(JSONObject([(name, value)]))])
        }
        #expect(error?.cause == .badCommand)
        #expect(error?.reason.contains("config.env.\(name)") ?? false)
    }
}

@Suite("Engines are found")
struct EngineFinderTests {
    @Test("in the search path first, then in the newest complete environment")
    func order() throws {
        let folder = TemporaryFolder()
        for version in ["0.9.2", "0.10.0", "0.10.0rc1", "0.11.0"] {
            try Folder.make("\(folder.path)/engines/vllm/\(version)/bin")
            _ = folder.program("engines/vllm/\(version)/bin/vllm", "exit 0")
        }
        try PrivateFile.write([], to: "\(folder.path)/engines/vllm/0.11.0/\(EngineFinder.unfinishedMark)")
        var finder = EngineFinder(searchPath: ["/nowhere"], engineFolders: [folder.path + "/engines"])
        #expect(finder.environments(of: .vllm).map(\.version) == ["0.10.0", "0.10.0rc1", "0.9.2"])
        #expect(finder.program("vllm", for: .vllm) == "\(folder.path)/engines/vllm/0.10.0/bin/vllm")
        try Folder.make(folder.path + "/mine")
        let mine = folder.program("mine/vllm", "exit 0")
        finder.searchPath.append(folder.path + "/mine")
        #expect(finder.program("vllm", for: .vllm) == mine)
        #expect(finder.program("sglang", for: .sglang) == nil)
    }

    @Test("without a version too, as a folder with programs")
    func plain() throws {
        let folder = TemporaryFolder()
        try Folder.make("\(folder.path)/llamacpp/bin")
        let program = folder.program("llamacpp/bin/llama-server", "exit 0")
        let finder = EngineFinder(searchPath: [], engineFolders: [folder.path])
        #expect(finder.program("llama-server", for: .llamacpp) == program)
    }

    @Test("versions match exactly, but for a local label that was not asked for")
    func versions() {
        #expect(VersionOrder.matches("0.32.0+cpu", wanted: "0.32.0"))
        #expect(VersionOrder.matches("0.32.0+cpu", wanted: "0.32.0+cpu"))
        #expect(!VersionOrder.matches("0.32.0", wanted: "0.32.0+cpu"))
        #expect(!VersionOrder.matches("0.32.0rc1", wanted: "0.32.0"))
        #expect(!VersionOrder.matches("0.32", wanted: "0.32.0"))
    }
}

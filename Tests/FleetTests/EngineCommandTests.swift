import Fleet
import InferenceKeyWire
import Testing

@Suite("A command line is split like a shell does and run only if it calls the backend's own launcher")
struct EngineCommandTests {
    @Test(
        "words",
        arguments: [
            ("vllm serve m", ["vllm", "serve", "m"]),
            ("  a\t'b c'  \"d \\\"e\\\"\" f\\ g ", ["a", "b c", "d \"e\"", "f g"]),
            ("a '' \"\"", ["a", "", ""]),
            ("a\\\nb", ["ab"]),
            ("--x='{\"a\": 1}'", ["--x={\"a\": 1}"]),
            ("\"a\\nb\"", ["a\\nb"]),
            ("", []),
        ] as [(String, [String])])
    func splits(line: String, words: [String]) throws {
        #expect(try ShellWords.split(line) == words)
    }

    @Test(
        "what only a shell could do is refused",
        arguments: ["a; rm x", "a | b", "a && b", "a > f", "a `b`", "'a", "\"a", "a\\"])
    func refusesShell(line: String) {
        #expect(throws: ShellWords.SplitError.self) { try ShellWords.split(line) }
    }

    @Test(
        "launchers that are the backend's own",
        arguments: [
            ("vllm serve m", Backend.vllm), ("/opt/x/bin/vllm serve m", .vllm), ("vllm serve m --omni", .vllmOmni),
            ("vllm-omni serve m", .vllmOmni), ("python -m sglang.launch_server --model-path m", .sglang),
            ("sglang serve --model-path m", .sglang), ("llama-server -m f.gguf", .llamacpp), ("ollama serve", .ollama),
        ])
    func accepts(line: String, backend: Backend) throws {
        _ = try EngineCommand(line, for: backend)
    }

    @Test(
        "anything else is refused",
        arguments: [
            ("bash -c id", Backend.vllm), ("vllm bench m", .vllm), ("python -c pass", .sglang), ("", .vllm),
            ("   ", .vllm),
            ("./vllm serve m", .vllm), ("../vllm serve m", .vllm), ("llama-server -m f", .vllm), ("vllm", .vllm),
            ("env vllm serve m", .vllm), ("vllm serve m", "custom"),
        ])
    func refuses(line: String, backend: Backend) {
        #expect(throws: EngineCommand.BadCommand.self) { try EngineCommand(line, for: backend) }
    }

    @Test(
        "an option that would take the engine out of the platform's hands is refused, and named",
        arguments: [
            ("vllm serve m --api_key=x", Backend.vllm, "--api_key"), ("vllm serve m --uds /x", .vllmOmni, "--uds"),
            ("llama-server -m f --api-key-file /x", .llamacpp, "--api-key-file"),
            ("sglang serve --model-path m --api-key x", .sglang, "--api-key"),
            ("vllm serve m --host 0.0.0.0", .vllm, "--host 0.0.0.0"),
            ("llama-server -m f --port 99999", .llamacpp, "--port"), ("vllm serve m --port", .vllm, "--port"),
        ])
    func refusesOptions(line: String, backend: Backend, word: String) {
        let error = #expect(throws: EngineCommand.BadCommand.self) { try EngineCommand(line, for: backend) }
        #expect(error?.description.contains(word) == true)
    }

    @Test("options are read in both forms, the last one counts")
    func options() throws {
        let command = try EngineCommand("vllm serve m --port 1 --port=2 --host 127.0.0.1 -tp 4", for: .vllm)
        #expect(command.option("--port") == "2")
        #expect(command.option("--tensor-parallel-size", "-tp") == "4")
        #expect(command.has("--host"))
        #expect(command.option("--absent") == nil && command.values(of: ["--absent"]) == nil)
        let names = try EngineCommand("vllm serve m --served_model_name a b --x_y=1", for: .vllm)
        #expect(names.values(of: ["--served-model-name"]) == ["a", "b"] && names.option("--x-y") == "1")
    }

    @Test(
        "an engine is called by the name its command gives, else by the model's",
        arguments: [
            ("vllm serve m --max-model-len 512", Backend.vllm, "m"),
            ("vllm serve m --served-model-name mine also", .vllm, "mine"),
            ("sglang serve --model-path m --served-model-name=mine", .sglang, "mine"),
            ("llama-server -m f.gguf --alias mine", .llamacpp, "mine"), ("ollama serve", .ollama, "m"),
        ])
    func servedName(line: String, backend: Backend, name: String) {
        let spec = EngineSpec(
            backend: backend, taskType: .text2text, modelName: "m", config: ["command": .string(line)])
        #expect(spec.servedName == name)
    }
}

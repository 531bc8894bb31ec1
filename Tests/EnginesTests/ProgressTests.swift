import Engines
import InferenceKeyWire
import Testing
import Worker

@Suite("How far a start is, is read from the engine's log")
struct ProgressTests {
    @Test(
        "vLLM's steps, from a real log",
        arguments: [
            (
                "(EngineCore pid=23132) INFO 11-24 06:15:31 [core.py:133] Initializing a V1 LLM engine (v0.32.0) with config: model='/m'",
                ReadinessStep.startEngine
            ),
            (
                "(Worker pid=23144) INFO 11-24 06:15:38 [cpu_model_runner.py:68] Starting to load model /m...",
                .startEngine
            ),
            (
                "(Worker pid=23144) INFO 11-24 06:15:38 [default_loader.py:501] Loading weights took 0.00 seconds",
                .warmUp
            ),
            (
                "(EngineCore pid=1) INFO 11-24 06:15:39 [kv_cache_utils.py:2327] CPU KV cache size: 1,048,576 tokens, Maximum concurrency",
                .warmUp
            ),
            (
                "(EngineCore pid=1) INFO 11-24 06:15:39 [core.py:402] init engine (profile, create kv cache, warmup model) took 0.58 s",
                .warmUp
            ),
            (
                "(APIServer pid=1) INFO 11-24 06:15:40 [entry.py:140] Starting vLLM server on http://127.0.0.1:1",
                .warmUp
            ),
            ("(Worker pid=1) INFO [backends.py:548] Dynamo bytecode transform time: 4.05 s", .warmUp),
            ("Loading safetensors checkpoint shards:  50% Completed | 1/2 [00:01<00:01,  1.02s/it]", .loadModel),
            (
                "Capturing CUDA graphs (mixed prefill-decode, PIECEWISE):  45%|████▍     | 30/67 [00:03<00:03, 10.02it/s]",
                .warmUp
            ),
        ])
    func vllm(line: String, step: ReadinessStep) {
        #expect(VllmEngine().progress(in: line)?.step == step)
    }

    @Test("counted parts are told")
    func parts() {
        let shards = "Loading safetensors checkpoint shards: 100% Completed | 2/2 [00:00<00:00, 409.00it/s]"
        #expect(VllmLines.progress(in: shards)?.message == "loaded 2 of 2 parts of the weights")
        let graphs = "Capturing CUDA graphs (decode, FULL):  90%|█████████ | 31/35 [00:03<00:03, 10.02it/s]"
        #expect(VllmLines.progress(in: graphs)?.message == "captured 31 of 35 graphs")
    }

    @Test("the bytes of a download bar")
    func bar() {
        let line = "model.safetensors:  45%|████▌     | 450M/1.00G [00:05<00:06, 92.3MB/s]"
        #expect(
            DownloadBar.progress(in: line)
                == StepProgress(
                    step: .downloadModel, message: "model.safetensors", bytesDone: 450_000_000,
                    bytesTotal: 1_000_000_000,
                    etaMilliseconds: 6000))
        let long = "model-00001-of-00004.safetensors:   1%|          | 42.0MB/4.98GB [00:05<1:02:03, 9.3MB/s]"
        #expect(DownloadBar.progress(in: long)?.etaMilliseconds == 3_723_000)
        #expect(DownloadBar.progress(in: long)?.bytesDone == 42_000_000)
    }

    @Test(
        "a time or a number that is too large to be one ends nothing",
        arguments: [
            "m:  45%| | 450M/1.00G [00:05<9223372036854775807:00, 9MB/s]",
            "m:  45%| | 450M/1.00G [00:05<9223372036854775:00:00, 9MB/s]",
        ])
    func absurdBar(line: String) {
        #expect(DownloadBar.progress(in: line)?.bytesDone == 450_000_000)
        #expect(DownloadBar.progress(in: line)?.etaMilliseconds == nil)
    }

    @Test("the bytes of an Ollama pull stop at the largest number there is")
    func absurdPull() throws {
        var pull = PullProgress(modelName: "m")
        for digest in ["a", "b"] {
            let step = try pull.read(
                "{\"status\":\"pulling\",\"digest\":\"\(digest)\",\"total\":9223372036854775807,\"completed\":-1}")
            #expect(step?.bytesTotal == .max)
            #expect(step?.bytesDone == 0)
        }
    }

    @Test(
        "what is no download of bytes is none",
        arguments: [
            "Fetching 5 files:  40%|████      | 2/5 [00:00<00:00, 12.3it/s]", "", "50%", "a: 5% | [", "100%|██| 1/1",
            "INFO: 127.0.0.1:4711 - \"GET /health HTTP/1.1\" 200 OK", "x: 1%| 99999999999999999999G/1G [",
            "Loading safetensors checkpoint shards:  50% Completed | 1/2 [00:01<00:01,  1.02s/it]",
        ])
    func noBar(line: String) {
        #expect(DownloadBar.progress(in: line) == nil)
    }

    @Test(
        "llama-server's steps, from a real log",
        arguments: [
            ("0.00.003.897 I srv    load_model: loading model '/models/tiny.gguf'", ReadinessStep.loadModel),
            ("0.00.012.242 I srv  llama_server: model loaded", .warmUp),
        ])
    func llama(line: String, step: ReadinessStep) {
        #expect(LlamaCppEngine().progress(in: line)?.step == step)
    }

    @Test("SGLang's steps")
    func sglang() {
        let engine = SGLangEngine()
        #expect(
            engine.progress(in: "[2026-01-01 00:00:00 TP0] Load weight begin. avail mem=78.52 GB")?.step == .startEngine
        )
        #expect(
            engine.progress(in: "[2026-01-01 00:00:00 TP0] Capture cuda graph begin. This can take")?.step == .warmUp)
    }

    @Test("pip's steps")
    func pip() {
        #expect(PipLines.progress(in: "Collecting vllm==0.32.0")?.message == "Collecting vllm==0.32.0")
        #expect(
            PipLines.progress(in: "  Downloading torch-2.9.1-cp311-cp311-manylinux_2_28_x86_64.whl (899.8 MB)")?.message
                == "downloading torch-2.9.1-cp311-cp311-manylinux_2_28_x86_64.whl (899.8 MB)")
        #expect(PipLines.progress(in: "Downloading model.safetensors") == nil)
    }

    @Test("the bytes of an Ollama pull are those of all its layers")
    func ollama() throws {
        var pull = PullProgress(modelName: "m")
        let manifest = try pull.read("{\"status\":\"pulling manifest\"}")
        #expect(manifest?.message == "pulling manifest")
        _ = try pull.read("{\"status\":\"pulling aa\",\"digest\":\"sha256:aa\",\"total\":100}")
        let step = try pull.read("{\"status\":\"pulling bb\",\"digest\":\"sha256:bb\",\"total\":300,\"completed\":40}")
        #expect(step?.bytesDone == 40)
        #expect(step?.bytesTotal == 400)
        #expect(!pull.isDone)
        let success = try pull.read("{\"status\":\"success\"}")
        #expect(success?.bytesTotal == 400)
        #expect(pull.isDone)
    }

    @Test("a model that Ollama does not find is model_not_found")
    func ollamaMissing() {
        var pull = PullProgress(modelName: "m")
        let error = #expect(throws: Failure.self) {
            try pull.read("{\"error\":\"pull model manifest: file does not exist\"}")
        }
        #expect(error?.cause == .modelNotFound)
    }

    @Test("metrics are summed over their labels")
    func metrics() {
        let text = PrometheusText(
            """
            # HELP vllm:num_requests_running Number of requests
            # TYPE vllm:num_requests_running gauge
            vllm:num_requests_running{engine="0",model_name="a} b"} 2.0
            vllm:num_requests_running{engine="1",model_name="a"} 3.0
            vllm:num_requests_running_other 100
            vllm:generation_tokens_total{engine="0"} 1.5e+03
            llamacpp:n_decode_total 7
            """)
        #expect(text.sum(of: ["vllm:num_requests_running"]) == 5)
        #expect(text.sum(of: ["llamacpp:n_decode_total", "vllm:generation_tokens_total"]) == 1507)
        #expect(text.sum(of: ["none"]) == nil)
    }
}

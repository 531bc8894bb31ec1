import Engines
import InferenceKeyWire
import Testing
import Worker

/// Texts as the engines print them; those of vLLM 0.32 and llama-server were taken from real runs.
@Suite("Why an engine ended is read from its log")
struct FailureTextsTests {
    private static let texts: [(log: String, cause: FailureCause?, line: String)] = [
        (
            """
            (EngineCore pid=4711) ERROR 11-24 06:15:03 [core.py:866] EngineCore failed to start.
            (EngineCore pid=4711) ERROR 11-24 06:15:03 [core.py:866] torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 896.00 MiB. GPU 0 has a total capacity of 23.68 GiB of which 512.25 MiB is free.
            (APIServer pid=4700) RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {'EngineCore': 1}
            """, .outOfGPUMemory, "torch.OutOfMemoryError: CUDA out of memory."
        ),
        (
            "(EngineCore pid=1) ERROR 11-24 06:15:03 [core.py:866] ValueError: Free memory on device cuda:0 (3.21/23.68 GiB) on startup is less than desired GPU memory utilization (0.9, 21.31 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.",
            .outOfGPUMemory, "ValueError: Free memory on device cuda:0 (3.21/23.68 GiB)"
        ),
        (
            "ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.",
            .outOfGPUMemory, "ValueError: No available memory"
        ),
        (
            """
            (EngineCore pid=22007) ERROR 11-24 06:15:03 [core.py:1510] RuntimeError: Worker failed with error 'Available memory on node 0 (14.13/15.71 GiB) on kv cache allocation is less than requested memory for kv (4000.0 GiB). Decrease --kv-cache-memory-bytes, VLLM_CPU_KVCACHE_SPACE, or reduce CPU memory used by other processes.', please check the stack trace above for the root cause
            (EngineCore pid=22007) ERROR 11-24 06:15:06 [multiproc_executor.py:315] Worker proc VllmWorker-0 died unexpectedly (exit code: 0), shutting down executor.
            RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}
            """, .noCapacity, "RuntimeError: Worker failed with error 'Available memory on node 0"
        ),
        (
            """
            huggingface_hub.errors.RepositoryNotFoundError: 404 Client Error. (Request ID: Root=1-68a5f)

            Repository Not Found for url: https://huggingface.co/no/such/resolve/main/config.json.
            OSError: no/such is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'
            """, .modelNotFound, "OSError: no/such is not a local folder"
        ),
        (
            """
            OSError: We couldn't connect to 'https://huggingface.co' to load the files, and couldn't find them in the cached files.
            Check your internet connection or see how to run the library in offline mode at 'https://huggingface.co/docs/transformers/installation#offline-mode'.
            """, .modelNotFound, "OSError: We couldn't connect to 'https://huggingface.co'"
        ),
        (
            "huggingface_hub.errors.LocalEntryNotFoundError: Cannot find an appropriate cached snapshot folder for the specified revision on the local disk and outgoing traffic has been disabled.",
            .modelNotFound, "huggingface_hub.errors.LocalEntryNotFoundError"
        ),
        (
            "OSError: Repo id must be in the form 'repo_name' or 'namespace/repo_name': '/nope/missing'. Use `repo_type` argument if needed.",
            .modelNotFound, "OSError: Repo id must be in the form"
        ),
        (
            """
                sock.bind(addr)
            OSError: [Errno 98] Address already in use
            """, .portInUse, "OSError: [Errno 98] Address already in use"
        ),
        (
            """
            usage: vllm [-h] [-v]
                        {chat,complete,serve,launch,bench,collect-env,download-kernels,preload,run-batch,snapshot}
                        ...
            vllm: error: unrecognized arguments: --no-such-flag
            """, .badCommand, "vllm: error: unrecognized arguments: --no-such-flag"
        ),
        (
            """
            usage: vllm serve [model_tag] [options]
            vllm serve: error: argument --max-model-len: invalid human_readable_int_or_auto value: 'abc'
            """, .badCommand, "vllm serve: error: argument --max-model-len"
        ),
        (
            """
            pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig
              Value error, User-specified max_model_len (99999999) is greater than the derived max_model_len (max_position_embeddings=1024.0 or model_max_length=None in model's config.json).
                For further information visit https://errors.pydantic.dev/2.14/v/value_error
            """, .badCommand, "Value error, User-specified max_model_len (99999999)"
        ),
        ("error: invalid argument: --no-such-flag", .badCommand, "error: invalid argument: --no-such-flag"),
        (
            """
            error while handling argument "--port": stoi

            usage:
            --port PORT                             port to listen (default: 8080)
                                                    (env: LLAMA_ARG_PORT)


            to show complete usage, run with -h
            """, .badCommand, "error while handling argument \"--port\": stoi"
        ),
        (
            """
            0.00.005.330 E gguf_init_from_file: failed to open GGUF file '/nope/missing.gguf' (No such file or directory)
            0.00.005.445 E llama_model_load: error loading model: llama_model_loader: failed to load model from /nope/missing.gguf
            0.00.005.912 E srv  llama_server: exiting due to model loading error
            """, .modelNotFound,
            "gguf_init_from_file: failed to open GGUF file '/nope/missing.gguf' (No such file or directory)"
        ),
        (
            """
            0.00.004.794 E llama_model_load: error loading model: tensor 'output.weight' data is not within the file bounds, model is corrupted or incomplete
            0.00.004.811 E llama_model_load_from_file_impl: failed to load model
            0.00.004.941 E srv    load_model: failed to load model, 'trunc.gguf'
            0.00.004.942 I srv    operator(): operator(): cleaning up before exit...
            0.00.005.370 E srv  llama_server: exiting due to model loading error
            """, nil, "llama_model_load: error loading model: tensor 'output.weight' data is not within the file bounds"
        ),
        (
            """
            0.00.005.918 E get_repo_commit: error: HTTPLIB failed: Could not establish connection
            0.00.005.937 W get_repo_files: failed to resolve commit for nosuch/model
            0.00.008.427 E srv  llama_server: exiting due to model loading error
            """, .modelNotFound, "get_repo_files: failed to resolve commit for nosuch/model"
        ),
        (
            """
            0.00.003.873 E srv         start: couldn't bind HTTP server socket, hostname: 127.0.0.1, port: 18432
            0.00.003.873 I srv    operator(): operator(): cleaning up before exit...
            0.00.004.026 E srv  llama_server: exiting due to HTTP server error
            """, .portInUse, "srv start: couldn't bind HTTP server socket, hostname: 127.0.0.1, port: 18432"
        ),
        (
            """
            ggml_backend_cuda_buffer_type_alloc_buffer: allocating 4095.05 MiB on device 0: cudaMalloc failed: out of memory
            llama_model_load: error loading model: unable to allocate CUDA0 buffer
            main: exiting due to model loading error
            """, .outOfGPUMemory, "llama_model_load: error loading model: unable to allocate CUDA0 buffer"
        ),
        (
            "RuntimeError: Not enough memory. Please try to increase --mem-fraction-static.", .outOfGPUMemory,
            "RuntimeError: Not enough memory."
        ),
        (
            "Error: listen tcp 127.0.0.1:11434: bind: address already in use", .portInUse, "Error: listen tcp"
        ),
        (
            "OSError: [Errno 28] No space left on device: '/home/ik/.cache/huggingface/hub/tmp'", .storageFull,
            "OSError: [Errno 28] No space left on device"
        ),
        ("/usr/bin/python3: No module named sglang.launch_server", .engineMissing, "/usr/bin/python3: No module named"),
        (
            """
            !!!!!!! Segfault encountered !!!!!!!
              File "<unknown>", line 0, in torch::autograd::Engine::thread_main
            """, nil, "!!!!!!! Segfault encountered !!!!!!!"
        ),
        (
            """
            (APIServer pid=1) INFO 11-24 06:17:08 [launcher.py:304] [shutdown] API server: shutting down FastAPI HTTP server
            INFO:     Application shutdown complete.
            nanobind: leaked 4 instances!
             - leaked instance 0x7f5e5185cbe8 of type "triton._C.libtriton.ir.attribute"
              warnings.warn('resource_tracker: There appear to be %d '
            """, nil, "INFO: Application shutdown complete."
        ),
    ]

    @Test("the cause and the line that tells it", arguments: texts.indices)
    func recognised(index: Int) {
        let (log, cause, line) = Self.texts[index]
        let verdict = FailureTexts.verdict(on: log.split(separator: "\n").map(String.init))
        #expect(verdict.cause == cause)
        #expect(verdict.line?.hasPrefix(line) ?? false, "\(String(describing: verdict.line))")
    }

    @Test("an empty log says nothing")
    func empty() { #expect(FailureTexts.verdict(on: []) == .init()) }
}

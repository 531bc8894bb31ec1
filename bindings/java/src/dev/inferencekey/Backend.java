package dev.inferencekey;

/** The engine kind of a workload; a custom backend is named by a plain string. */
public enum Backend {
    /** Ollama. */
    OLLAMA("ollama"),
    /** vLLM. */
    VLLM("vllm"),
    /** vLLM-Omni. */
    VLLM_OMNI("vllm-omni"),
    /** SGLang. */
    SGLANG("sglang"),
    /** llama.cpp. */
    LLAMACPP("llamacpp");

    private final String word;

    Backend(String word) {
        this.word = word;
    }

    /** {@return its name on the wire} */
    @Override
    public String toString() {
        return word;
    }
}

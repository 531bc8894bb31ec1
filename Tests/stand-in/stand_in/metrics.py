"""/metrics as each engine names its own series."""

from .state import State


def text(state: State) -> str:
    name = state.launch.names[0] if state.launch.names else ""
    running, waiting = state.running, state.settings.waiting
    if state.launch.engine == "vllm":
        label, rows = (
            f'{{engine="0",model_name="{name}"}}',
            [
                ("vllm:num_requests_running", "gauge", running),
                ("vllm:num_requests_waiting", "gauge", waiting),
                ("vllm:kv_cache_usage_perc", "gauge", min(1, running / 64)),
                ("vllm:prompt_tokens_total", "counter", state.prompt_tokens),
                ("vllm:generation_tokens_total", "counter", state.generated_tokens),
                ("vllm:iteration_tokens_total_count", "counter", state.generated_tokens),
            ],
        )
    elif state.launch.engine == "sglang":
        label, rows = (
            f'{{model_name="{name}",tp_rank="0"}}',
            [
                ("sglang:num_running_reqs", "gauge", running),
                ("sglang:num_queue_reqs", "gauge", waiting),
                ("sglang:token_usage", "gauge", min(1, running / 64)),
                ("sglang:prompt_tokens_total", "counter", state.prompt_tokens),
                ("sglang:generation_tokens_total", "counter", state.generated_tokens),
            ],
        )
    else:
        label, rows = (
            "",
            [
                ("llamacpp:prompt_tokens_total", "counter", state.prompt_tokens),
                ("llamacpp:tokens_predicted_total", "counter", state.generated_tokens),
                ("llamacpp:n_decode_total", "counter", state.generated_tokens),
                ("llamacpp:requests_processing", "gauge", running),
                ("llamacpp:requests_deferred", "gauge", waiting),
            ],
        )
    return "".join(
        f"# HELP {row} The stand-in's.\n# TYPE {row} {kind}\n{row}{label} {float(value)}\n" for row, kind, value in rows
    )

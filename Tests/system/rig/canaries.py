"""The search for planted canaries: every secret ever shown, in every place where none may be."""

import os
from contextlib import suppress
from pathlib import Path

from . import processes
from .installations import Installation

# Files that hold secrets because that is what they are for; all are for their owner only (0600).
KEEPERS = {"operator.key", "installation.secret", "gateway.credential", "worker.credential"}


def needles(platform: Installation) -> dict[bytes, str]:
    """Each secret as it was shown, and its secret part alone, in hex and as bytes."""
    for engine in platform.engines():
        for name in ("VLLM_API_KEY", "LLAMA_API_KEY", "SGLANG_API_KEY", "OLLAMA_API_KEY"):
            if engine.environment.get(name):
                platform.witness.secret(f"engine key of {engine.replica}", engine.environment[name])
    for keeper in KEEPERS:
        for file in (Path(folder) / keeper for folder, _, names in os.walk(platform.folder) if keeper in names):
            try:
                text = file.read_text().strip()
            except (OSError, UnicodeDecodeError):
                continue
            if text:
                platform.witness.secret(str(file), text)
    found = {}
    for value, name in platform.witness.secrets.items():
        found[value.encode()] = name
        tail = value.rpartition("_")[2]
        if len(tail) == 64:
            found[tail.encode()] = name
            found[bytes.fromhex(tail)] = name
    return found


def places(platform: Installation, metrics: list[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    # What goes meanwhile, such as the folder of a replica that is over, is left out.
    for folder, _, names in os.walk(platform.folder):
        for file in (Path(folder) / name for name in names):
            if file.is_file() and not file.is_symlink() and _is_searched(file):
                with suppress(FileNotFoundError):
                    found[str(file)] = file.read_bytes()
    for process in processes.of_run(platform.run):
        found[f"ps {process.pid}"] = "\0".join(processes.command_line(process.pid)).encode()
    found["error bodies"] = "\n".join(platform.witness.errors).encode()
    for index, text in enumerate(metrics):
        found[f"metrics {index}"] = text.encode()
    return found


def _is_searched(file: Path) -> bool:
    """Databases, their write-ahead logs and every log; not the files whose very purpose it is to hold a secret."""
    names = file.name
    return ".db" in names or file.suffix in (".log", ".out", ".err") or names.startswith("engine.log")


def leaks(platform: Installation, metrics: list[str]) -> list[str]:
    """Where which secret was found."""
    wanted, found = needles(platform), []
    for place, content in places(platform, metrics).items():
        for needle, name in wanted.items():
            if needle in content:
                found.append(f"{name} in {place}")
    return found


def open_to_others(platform: Installation) -> list[str]:
    """Files of the data folder that somebody but their owner may read."""
    found = []
    for folder, _, names in os.walk(platform.data):
        if os.stat(folder).st_mode & 0o077 and folder == str(platform.data):
            found.append(folder)
        for name in names:
            path = os.path.join(folder, name)
            if name in KEEPERS and os.stat(path).st_mode & 0o077:
                found.append(path)
    return found

"""What is written down of a run beside its numbers."""

import json
import os
import platform as machine
import subprocess


def describe_machine() -> dict:
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        cpu = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), "?")
    wrk = subprocess.run(["wrk", "-v"], capture_output=True, text=True).stdout.splitlines()
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "kernel": machine.release(),
        "load": os.getloadavg(),
        "wrk": wrk[0] if wrk else "?",
    }


def write(path: str, results: dict) -> None:
    """Whole or not at all."""
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(f"{path}.partial", "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1, ensure_ascii=False)
    os.replace(f"{path}.partial", path)

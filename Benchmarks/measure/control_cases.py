"""What the control plane takes: from a declaration to a process, a long list, durable declarations."""

import json
import time

from . import processes
from .report import percentile
from .platform import Platform


def declare_to_process(platform: Platform, count: int) -> dict:
    """From the first byte of the declaring request to the first instruction of the engine's main()."""
    journal, took = f"{platform.folder}/journal", []
    open(journal, "w").close()
    with open(journal, encoding="ascii") as lines:
        for index in range(count):
            slug, began = f"spawn-{index}", time.time_ns()
            identity = platform.declare(slug, environment={"ENGINE_JOURNAL": journal})
            took.append((_next_start(lines) - began) / 1e6)
            platform.call("DELETE", f"/api/workloads/{identity}")
            _wait_until_gone(platform, identity)
    return {"p50_ms": percentile(took, 0.5), "p99_ms": percentile(took, 0.99), "max_ms": max(took), "samples": count}


def _next_start(lines, seconds: float = 30) -> int:
    until, line = time.monotonic() + seconds, ""
    while not line.endswith("\n"):
        line += lines.readline()
        if time.monotonic() > until:
            raise RuntimeError(f"no engine was started within {seconds:.0f} s of its declaration")
        time.sleep(0.0005)
    return int(line.split()[1])


def _wait_until_gone(platform: Platform, identity: str, seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while platform.call("GET", f"/api/workloads/{identity}")[0] != 404:
        if time.monotonic() > until:
            raise RuntimeError(f"workload {identity} was not gone {seconds:.0f} s after its deletion")
        time.sleep(0.01)


def long_list(platform: Platform, workloads: int = 1000, requests: int = 200, warm_up: int = 20) -> dict:
    """Lists a project of that many workloads, one request after the other; the first ones do not count, for what the
    declarations brought about is still going on."""
    for index in range(workloads):
        platform.declare(f"listed-{index:04d}", replicas=0)
    took, path = [], f"/api/projects/{platform.project}/workloads?limit={workloads}"
    for _ in range(warm_up + requests):
        began = time.perf_counter()
        status, body = platform.call("GET", path)
        took.append((time.perf_counter() - began) * 1000)
    del took[:warm_up]
    listed = len(json.loads(body))
    if status != 200 or listed < workloads:
        raise RuntimeError(f"the list was answered {status} with {listed} of {workloads} workloads")
    return {"p50_ms": percentile(took, 0.5), "p99_ms": percentile(took, 0.99), "workloads": listed, "bytes": len(body)}


def durable_declares(platform: Platform, lua: str, seconds: float = 5, connections: int = 32) -> dict:
    """New workloads per second over that many connections, each on disk before it is answered."""
    template = f"{platform.folder}/declare.json"
    with open(template, "w", encoding="ascii") as file:
        json.dump(platform.spec("SLUG", replicas=0), file, separators=(",", ":"))
    result = processes.run_json(
        [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds:g}s",
            "-s",
            lua,
            f"http://127.0.0.1:{platform.port}",
            "--",
            "declare",
            f"/api/projects/{platform.project}/workloads",
            platform.control_token,
            template,
        ]
    )
    if result["bad_status"]:
        raise RuntimeError(f"declarations were refused: {result}")
    return {
        "per_s": result["requests"] / result["seconds"],
        "p50_ms": result["p50_us"] / 1000,
        "p99_ms": result["p99_us"] / 1000,
    }

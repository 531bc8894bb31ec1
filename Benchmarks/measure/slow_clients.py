"""What honest clients feel of thousands of slow ones."""

import json
import statistics
import subprocess
import time

from . import processes
from .loaders import Loaders
from .servers import Server

HONEST, RATE = 50, 2000
# Heads and bodies that come a byte at a time, and streams that are not read.
HEADS, BODIES, READERS = 1667, 1667, 1666
SLOW = HEADS + BODIES + READERS
# Measurements alone, half of them before and half after, and beside them: with three seconds each, long enough for heads
# to pass a deadline of 15.
ALONE, BESIDE = 4, 6


def measure(server: Server, loaders: Loaders, engines: list[int], seconds: float) -> dict:
    """Latency of paced requests over 50 connections, alone and while 5,000 slow clients are connected.

    Medians of measurements, so that one in which the machine stood still counts as one.
    """
    with processes.real_time([*server.pids(), *engines]):
        alone = [_honest(server, loaders, seconds) for _ in range(ALONE // 2)]
        before, files = processes.pss_mb(server.pids()), processes.open_files(server.pids())
        slow = _Slow(server, loaders)
        try:
            held = slow.wait_until_held()
            beside = [_honest(server, loaders, seconds) for _ in range(BESIDE)]
            most = processes.pss_mb(server.pids())
        finally:
            end = slow.end()
        _wait_until_gone(server, files)
        alone += [_honest(server, loaders, seconds) for _ in range(ALONE // 2)]
    alone, beside = _medians(alone), _medians(beside)
    return {
        "p50_alone_us": alone["p50_us"],
        "p99_alone_us": alone["p99_us"],
        "p50_beside_us": beside["p50_us"],
        "p99_beside_us": beside["p99_us"],
        "p999_alone_us": alone["p999_us"],
        "p999_beside_us": beside["p999_us"],
        "p50_ratio": beside["p50_us"] / alone["p50_us"],
        "p99_ratio": beside["p99_us"] / alone["p99_us"],
        "core_share_alone": alone["core_share"],
        "core_share_beside": beside["core_share"],
        "mb_before": before,
        "mb_beside": most,
        "mb_per_1000_slow": (most - before) * 1000 / SLOW,
        "open_ms": held["open_ms"],
        "cut": end["cut"],
        "slow_opened": end["opened"],
    }


def _honest(server: Server, loaders: Loaders, seconds: float) -> dict:
    """What the honest ones measured, and the server's share of its core meanwhile."""
    offered = ["--rate", str(RATE), "--in-turn", "--warm-up", "0.5"]
    before = processes.cpu_seconds(server.pids())
    result = loaders.requests(server.json, HONEST, seconds, *offered, real_time=True)
    result["core_share"] = (processes.cpu_seconds(server.pids()) - before) / (seconds + 0.5)
    if not result["good"] or result["turned_away"] or result["late"] or result["broken"]:
        raise RuntimeError(f"{server.name}: not every honest request was answered well: {result}")
    return result


def _medians(results: list[dict]) -> dict:
    return {name: statistics.median(result[name] for result in results) for name in results[0]}


def _wait_until_gone(server: Server, files: int, seconds: float = 30) -> None:
    """What the leaving of so many costs must not fall on what is measured next."""
    until = time.monotonic() + seconds
    while processes.open_files(server.pids()) > files + HONEST:
        if time.monotonic() > until:
            raise RuntimeError(f"{server.name} has not closed the connections of clients that left {seconds:.0f} s ago")
        time.sleep(0.1)
    time.sleep(0.5)


class _Slow:
    """The program that holds them."""

    def __init__(self, server: Server, loaders: Loaders):
        self.name = server.name
        # More than the sockets between take, and less than would use up what the kernel grants all of them together.
        words = {"events": 384, "event_bytes": 1000, "batch": 128}
        self.process = subprocess.Popen(
            loaders.slow_command(server, HEADS, BODIES, READERS, words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **processes.placed(processes.LOAD_CORE),
        )

    def wait_until_held(self) -> dict:
        said = self.process.stdout.readline()
        if not said:
            problem = self.process.stderr.read()[-800:]
            raise RuntimeError(f"{self.name}: {SLOW} slow clients could not be held: {problem}")
        return json.loads(said)

    def end(self) -> dict:
        """Lets them leave, and gives what they met; nothing where they could not be held."""
        said, _ = self.process.communicate()
        return json.loads(said.splitlines()[-1]) if said.strip() else {}

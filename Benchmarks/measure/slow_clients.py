"""What honest clients feel of thousands of slow ones."""

import json
import subprocess
import time

from . import processes
from .loaders import Loaders
from .servers import Server

HONEST, RATE = 50, 2000
# Heads and bodies that come a byte at a time, and streams that are not read.
HEADS, BODIES, READERS = 1667, 1667, 1666
SLOW = HEADS + BODIES + READERS
# Of the seconds of a measurement, alone and beside them: with three, long enough for heads to pass a deadline of 15.
ALONE_SHARE, BESIDE_SHARE = 2, 5


def measure(server: Server, loaders: Loaders, seconds: float) -> dict:
    """Latency of paced requests over 50 connections, alone and while 5,000 slow clients are connected."""
    alone, alone_core, _ = _honest(server, loaders, ALONE_SHARE * seconds)
    before, files = processes.pss_mb(server.pids()), processes.open_files(server.pids())
    slow = _Slow(server, loaders)
    try:
        held = slow.wait_until_held()
        beside, beside_core, most = _honest(server, loaders, BESIDE_SHARE * seconds)
    finally:
        end = slow.end()
    _wait_until_gone(server, files)
    return {
        "p50_alone_us": alone["p50_us"],
        "p99_alone_us": alone["p99_us"],
        "p50_beside_us": beside["p50_us"],
        "p99_beside_us": beside["p99_us"],
        "p999_alone_us": alone["p999_us"],
        "p999_beside_us": beside["p999_us"],
        "p50_ratio": beside["p50_us"] / alone["p50_us"],
        "p99_ratio": beside["p99_us"] / alone["p99_us"],
        "core_share_alone": alone_core,
        "core_share_beside": beside_core,
        "mb_before": before,
        "mb_beside": most,
        "mb_per_1000_slow": (most - before) * 1000 / SLOW,
        "open_ms": held["open_ms"],
        "cut": end["cut"],
        "slow_opened": end["opened"],
    }


def _honest(server: Server, loaders: Loaders, seconds: float) -> tuple[dict, float, float]:
    """What the honest ones measured, the server's share of its core meanwhile, and its memory after."""
    offered = ["--rate", str(RATE), "--in-turn", "--warm-up", "0.5"]
    before = processes.cpu_seconds(server.pids())
    result = loaders.requests(server.json, HONEST, seconds, *offered)
    share = (processes.cpu_seconds(server.pids()) - before) / (seconds + 0.5)
    if not result["good"] or result["turned_away"] or result["late"] or result["broken"]:
        raise RuntimeError(f"{server.name}: not every honest request was answered well: {result}")
    return result, share, processes.pss_mb(server.pids())


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

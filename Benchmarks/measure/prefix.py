"""How routers share out prompts that begin alike: real ones over HTTP, each before engines of its own, all at once."""

import argparse
import os
import statistics
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from . import prefix_load, processes
from .gateway import Gateway
from .platform import LIMITS, Platform
from .proxies import HashingNginx, program
from .report import described, percentile
from .routers import CacheAwareSmg
from .servers import PrefixEngine, Server, Target

REPLICAS = 8
RIVALS = ("smg", "nginx")
# Title, how a number is shown, and whether more is better; None: no side to be on.
ROWS: dict[str, tuple[str, str, bool | None]] = {
    "hit_rate": ("hit rate", "{:.3f}", True),
    "p50_s": ("first token p50, s", "{:.2f}", False),
    "p90_s": ("first token p90, s", "{:.2f}", False),
    "load": ("max/mean open requests", "{:.3f}", False),
    "requests": ("max/mean requests", "{:.3f}", None),
    "unanswered": (f"not answered {prefix_load.PATIENCE_S} s after the last request", "{:.0f}", None),
    "added_p99_ms": ("p99 added to the engine's time, ms", "{:.1f}", None),
    "late_p99_ms": ("p99 sent too late, ms", "{:.1f}", None),
}


@dataclass
class Contestant:
    """One kind of router: whose CPU time counts, and where the requests of each seed go."""

    name: str
    routers: list[Server]
    targets: list[Target]
    results: list[dict] = field(default_factory=list)
    cpu_us_per_request: float = 0

    def cpu_seconds(self) -> float:
        return processes.cpu_seconds([pid for router in self.routers for pid in router.pids()])


def measure_prefix(servers: list[Server], rig_sources: str, folder: str, options: argparse.Namespace) -> None:
    """All routers and seeds at the same time: the machine stays mostly idle, and the time of the trace is the real one,
    since routers forget and look again by the clock."""
    contestants = list(start(servers, rig_sources, folder, options))
    routers = [router for contestant in contestants for router in contestant.routers]
    for router in routers:
        router.wait_until_it_answers()
    names = ", ".join(contestant.name for contestant in contestants)
    minutes = options.requests / prefix_load.REQUESTS_PER_SECOND / 60
    print(f"{options.seeds} seeds of {options.requests} requests on {names}: {minutes:.1f} min", file=sys.stderr)
    times, before = processes.cpu_times(), [contestant.cpu_seconds() for contestant in contestants]
    runs = [(contestant, seed) for seed in range(options.seeds) for contestant in contestants]
    with ThreadPoolExecutor(len(runs)) as pool:
        loads = [pool.submit(load, contestant.targets[seed], seed + 1, options) for contestant, seed in runs]
        for (contestant, seed), outcome in zip(runs, loads, strict=True):
            contestant.results.append(result(f"{contestant.name}, seed {seed + 1}", outcome.result()))
    for contestant, then in zip(contestants, before, strict=True):
        spent = contestant.cpu_seconds() - then
        contestant.cpu_us_per_request = spent / options.requests / options.seeds * 1e6
    for contestant in contestants:
        router = contestant.routers[0]
        print(described(contestant.name, router.version(), router.configuration))
    print(f"\n{table(contestants)}")
    print(f"\nthe machine was idle for {processes.idle_share(times, processes.cpu_times()):.0%} of the time")


def start(servers: list[Server], rig_sources: str, folder: str, options: argparse.Namespace):
    if options.ik:
        yield start_ik(servers, folder, options)
    if "smg" in options.against:
        if os.path.exists(f"{options.environments}/smg/.packages"):
            make = lambda folder, ports: CacheAwareSmg(options.environments, folder, *ports)  # noqa: E731
            yield start_rival("smg", make, servers, folder, options)
        else:
            print("smg is left out: its Python packages are not installed", file=sys.stderr)
    if "nginx" in options.against:
        if program("nginx"):
            make = lambda folder, ports: HashingNginx(rig_sources, folder, *ports)  # noqa: E731
            yield start_rival("nginx", make, servers, folder, options)
        else:
            print("nginx is left out: its program is not installed", file=sys.stderr)


def start_ik(servers: list[Server], folder: str, options: argparse.Namespace) -> Contestant:
    """One Gateway; each seed has a workload of its own."""
    slugs = [f"prefix-{seed + 1}" for seed in range(options.seeds)]
    platform = Platform(options.ik, options.rig, folder, workload=slugs[0], rig_engine="prefix_engine", name="ik up")
    servers.append(platform)
    for slug in slugs:
        platform.serve(slug, replicas=REPLICAS, limits=LIMITS, routing={"policy": "prefix"})
    for pid in platform.pids():
        processes.pin(pid, processes.LOAD_CORE)
    gateway = Gateway(platform)
    servers.append(gateway)
    gateway.configuration = "ik gateway; policy prefix; key and workloads with limits (never reached), usage booked"
    return Contestant("ik", [gateway], [platform.target(gateway.port, slug) for slug in slugs])


def start_rival(
    name: str,
    make: Callable[[str, list[int]], Server],
    servers: list[Server],
    folder: str,
    options: argparse.Namespace,
) -> Contestant:
    """One router for each seed."""
    routers = []
    for seed in range(options.seeds):
        own = f"{folder}/{name}-{seed + 1}"
        os.mkdir(own)
        engines = [PrefixEngine(options.rig, own) for _ in range(REPLICAS)]
        servers.extend(engines)
        routers.append(make(own, [engine.port for engine in engines]))
        servers.append(routers[-1])
    return Contestant(name, routers, [router.stream for router in routers])


def load(target: Target, seed: int, options: argparse.Namespace) -> dict:
    words = [target.port, target.path, target.token, seed, options.requests]
    return processes.run_json([sys.executable, "-B", prefix_load.__file__, *map(str, words)])


def result(title: str, outcome: dict) -> dict:
    if outcome["failures"]:
        raise RuntimeError(f"{title}: {len(outcome['failures'])} requests failed: {outcome['failures'][0]}")
    if len(outcome["requests"]) != REPLICAS:
        raise RuntimeError(f"{title}: {len(outcome['requests'])} of {REPLICAS} engines were reached")
    return {
        "hit_rate": outcome["cached_tokens"] / outcome["prompt_tokens"],
        "p50_s": percentile(outcome["first_token_s"], 0.5),
        "p90_s": percentile(outcome["first_token_s"], 0.9),
        "load": max_by_mean(outcome["open_s"]),
        "requests": max_by_mean(outcome["requests"]),
        "unanswered": outcome["unanswered"],
        "added_p99_ms": percentile(outcome["added_ms"], 0.99),
        "late_p99_ms": percentile(outcome["late_ms"], 0.99),
    }


def max_by_mean(by_engine: dict[str, float]) -> float:
    return max(by_engine.values()) / statistics.mean(by_engine.values())


def table(contestants: list[Contestant]) -> str:
    """Of each router the numbers of all seeds and their median; of a rival also what the first is to it by seed."""
    ours, lines = contestants[0], []
    for measure, (title, form, more_is_better) in ROWS.items():
        lines.append(title)
        for contestant in contestants:
            values = [result[measure] for result in contestant.results]
            line = f"  {contestant.name:8}" + form.format(statistics.median(values)).rjust(9)
            line += "   seeds: " + " ".join(form.format(value).rjust(7) for value in values)
            if contestant is not ours and more_is_better is not None:
                pairs = [(one[measure], value) for one, value in zip(ours.results, values, strict=True)]
                ratio = statistics.median(own / value for own, value in pairs)
                better = sum(own != value and (own > value) == more_is_better for own, value in pairs)
                line += f"   {ours.name} to it: {ratio:.2f}, better in {better} of {len(pairs)}"
            lines.append(line)
    lines.append("CPU of the router per request, µs (of 29 KB, with its answer in 8 writes)")
    lines += [f"  {contestant.name:8}{contestant.cpu_us_per_request:9.0f}" for contestant in contestants]
    return "\n".join(lines)

"""What the access log, the slow-request log and traces cost: the same platform with and without them."""

import argparse

from . import processes, report
from .gateway_cases import Cases
from .platform import Platform
from .rounds import measure_round
from .servers import Collector, Server


def measure_telemetry(servers: list[Server], rig_sources: str, folder: str, options: argparse.Namespace) -> None:
    """The same platform three times: telling nothing of single calls, with an access log, and with spans of all."""
    if not options.ik:
        raise RuntimeError("--telemetry measures ik: do not give --without-ik")
    collector = Collector(folder)
    servers.append(collector)
    log = ["--slow-request-ms", "60000", "--access-log"]
    traces = ["--otlp-endpoint", f"http://127.0.0.1:{collector.port}", "--trace-ratio", str(options.trace_ratio)]
    platforms = []
    for name, words in (
        ("ik", []),
        ("ik-log", [*log, f"{folder}/log-access.log"]),
        ("ik-all", [*log, f"{folder}/all-access.log", *traces]),
    ):
        platform = Platform(options.ik, options.rig, folder, name=name, options=words)
        servers.append(platform)
        platforms.append(platform)
        platform.serve_workload()
    engines = [pid for platform in platforms for pid in processes.running(platform.engine)]
    cases = Cases(options.rig, rig_sources, folder, options.seconds, options.warm_up, engines)
    rounds = [measure_round(number, platforms, cases, options) for number in range(options.rounds)]
    print(report.telemetry_table(rounds, [platform.name for platform in platforms]))
    for platform in platforms[1:]:
        print(f"{platform.name}: {lost(platform)}")


def lost(platform: Platform) -> str:
    """What was told and what was lost for want of room, as the platform counts it itself."""
    text = platform.call("GET", "/metrics")[1].decode()
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    names = ("access_log_lines_total", "access_log_dropped_total", "spans_exported_total", "spans_dropped_total")
    return ", ".join(f"{name} {values.get('inferencekey_gateway_' + name, '?')}" for name in names)

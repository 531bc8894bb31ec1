#!/usr/bin/env python3
"""Runs the measurements of Benchmarks/ in interleaved rounds; prints what was measured and which targets were reached.
Started by scripts/bench."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time

REPOSITORY = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path.insert(0, f"{REPOSITORY}/Benchmarks")

from measure import lineup, memory, processes, record, report, targets  # noqa: E402
from measure.gateway_cases import Cases  # noqa: E402
from measure.prefix import measure_prefix  # noqa: E402
from measure.rounds import CONTROL_CASES, keep_on, measure_case, measure_control, measure_round, wanted  # noqa: E402
from measure.servers import Server  # noqa: E402
from measure.telemetry import measure_telemetry  # noqa: E402

RIG_SOURCES = f"{REPOSITORY}/Benchmarks/rig"
ALL_CASES = (*lineup.EVERY_ROUND, *lineup.ONCE, *CONTROL_CASES)


def main() -> int:
    options = read_options()
    # Ended by a time limit it still stops what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if os.cpu_count() < 2:
        sys.exit("error: two cores are needed: one for the server under test, one for the load.")
    folder = tempfile.mkdtemp(prefix="inferencekey-bench-")
    servers: list[Server] = []
    whole = False
    try:
        if options.telemetry:
            measure_telemetry(servers, RIG_SOURCES, folder, options)
        elif options.prefix:
            measure_prefix(servers, RIG_SOURCES, folder, options)
        else:
            with memory.held(options.rig):
                measure_all(servers, folder, options)
        whole = True
    except RuntimeError as problem:
        print(f"error: {problem}", file=sys.stderr)
    finally:
        for server in reversed(servers):
            server.stop()
        if whole:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f"the logs are in {folder}", file=sys.stderr)
    return 0 if whole else 1


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--rig", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--environments", default="", help=argparse.SUPPRESS)
    parser.add_argument("--ik", help="the ik program to measure; without it only the others are")
    parser.add_argument("--without-ik", action="store_true", help="measures the engine alone and the others")
    parser.add_argument("--against", default=",".join(lineup.RIVALS), help="with whom it is compared: %(default)s")
    parser.add_argument(
        "--telemetry", action="store_true", help="compares ik with access log, slow-request log and traces on and off"
    )
    parser.add_argument("--trace-ratio", type=float, default=1, help="with --telemetry: the traced share")
    parser.add_argument(
        "--prefix", action="store_true", help="compares how prompts that begin alike are shared out over 8 replicas"
    )
    parser.add_argument("--seeds", type=int, default=3, help="with --prefix: traces, all at once")
    parser.add_argument("--requests", type=int, default=6000, help="with --prefix: of each trace, 40 a second")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement")
    parser.add_argument("--warm-up", type=float, default=1, help="seconds before each measurement")
    parser.add_argument("--quick", action="store_true", help="1 round of 2 s: shows that all works, proves nothing")
    parser.add_argument("--only", default="", help="cases, parted by commas: " + ", ".join(ALL_CASES))
    parser.add_argument("--out", default=f"{REPOSITORY}/Benchmarks/results/latest.json")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds, options.warm_up = 1, 2, 1
        options.seeds, options.requests = 1, 1000
    if options.without_ik:
        options.ik = None
    options.against = [name for name in options.against.split(",") if name]
    options.only = [name for name in options.only.split(",") if name]
    for given, known in ((options.against, lineup.RIVALS), (options.only, ALL_CASES)):
        if unknown := [name for name in given if name not in known]:
            parser.error(f"{', '.join(unknown)}: not one of {', '.join(known)}")
    return options


def measure_all(servers: list[Server], folder: str, options: argparse.Namespace) -> None:
    began, skipped = time.monotonic(), {}
    field = lineup.Lineup(servers, skipped)
    gateway_cases = [case for case in (*lineup.EVERY_ROUND, *lineup.ONCE) if wanted(case, options)]
    rivals = options.against if gateway_cases else []
    environments = (options.rig, RIG_SOURCES, folder, options.ik, options.environments)
    field.start(*environments, rivals, gateway_cases)
    contestants = [server for server in servers if server is not field.platform]
    if field.platform:
        keep_on(processes.LOAD_CORE, field.platform)
    cases = Cases(options.rig, RIG_SOURCES, folder, options.seconds, options.warm_up, field.engine_pids())
    once = {}
    if wanted("memory", options):
        time.sleep(2)
        counted = [server for server in servers if server.pids()]
        once["memory"] = {server.name: {"idle_mb": processes.pss_mb(server.pids())} for server in counted}
    # Before all load: what a server keeps after it would hide what open streams take.
    if wanted("open_streams", options):
        once["open_streams"] = measure_case("open_streams", contestants, cases, skipped)
    rounds = [measure_round(number, contestants, cases, options, skipped) for number in range(options.rounds)]
    if wanted("three_times", options):
        once["three_times"] = measure_case("three_times", contestants, cases, skipped)
    rounds[0].update(once)
    control = measure_control(field.platform, cases, options) if field.platform else {}
    results = {
        "when": time.strftime("%FT%TZ", time.gmtime()),
        "took_s": round(time.monotonic() - began),
        "machine": record.describe_machine(),
        "versions": {server.name: server.version() for server in contestants},
        "configurations": {server.name: server.configuration for server in contestants},
        "options": {"rounds": options.rounds, "seconds": options.seconds, "warm_up": options.warm_up},
        "skipped": skipped,
        "restless_rounds": report.restless_rounds(rounds),
        "rounds": rounds,
        "control": control,
        "summary": report.summarise(rounds),
        "targets": targets.results(rounds),
    }
    record.write(options.out, results)
    show(results)
    print(f"\nraw numbers and configurations: {os.path.relpath(options.out)}", file=sys.stderr)


def show(results: dict) -> None:
    for name, configuration in results["configurations"].items():
        print(report.described(name, results["versions"][name], configuration))
    tables = [report.table(results["summary"]), report.control_lines(results["control"])]
    tables.append(targets.table(results["rounds"]))
    print("\n" + "\n\n".join(table for table in tables if table))
    for name, reason in results["skipped"].items():
        print(f"left out: {name}: {reason}")
    if restless := results["restless_rounds"]:
        numbers = ", ".join(map(str, restless))
        print(f"the machine was restless in round {numbers}: run it again before you believe this")
    print(f"{results['took_s'] // 60} min {results['took_s'] % 60} s, {results['machine']['cpu']}")


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs the measurements of Benchmarks/ in interleaved rounds and prints a table of ratios. Started by scripts/bench."""

import argparse
import json
import os
import platform as machine
import shutil
import subprocess
import sys
import tempfile
import time

REPOSITORY = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path.insert(0, f"{REPOSITORY}/Benchmarks")

from measure import control_cases, processes, report  # noqa: E402
from measure.gateway_cases import Cases  # noqa: E402
from measure.servers import Engine, Nginx, Platform, Server  # noqa: E402

RIG_SOURCES = f"{REPOSITORY}/Benchmarks/rig"
GATEWAY_CASES = ("whole_answers", "streams", "single_events", "paced_streams")
CONTROL_CASES = ("declare_to_process", "long_list", "durable_declares")


def main() -> int:
    options = read_options()
    if os.cpu_count() < 2:
        sys.exit("error: two cores are needed: one for the server under test, one for the load.")
    folder = tempfile.mkdtemp(prefix="inferencekey-bench-")
    servers: list[Server] = []
    whole = False
    try:
        engine = Engine(options.rig, folder)
        servers += [engine, Nginx(RIG_SOURCES, folder, engine.port)]
        platform = Platform(options.ik, options.rig, folder) if options.ik else None
        if platform:
            servers.append(platform)
            platform.serve_workload()
        cases = Cases(options.rig, RIG_SOURCES, folder, options.seconds, options.warm_up)
        rounds = [measure_round(number, servers, cases, options) for number in range(options.rounds)]
        if wanted("open_streams", options):
            rounds[0]["open_streams"] = {server.name: cases.open_streams(server) for server in servers if server.pids()}
        control = measure_control(platform, cases, options) if platform else {}
        summary = report.summarise(rounds)
        write_results(
            options.out,
            {
                "when": time.strftime("%FT%TZ", time.gmtime()),
                "machine": describe_machine(options),
                "rounds": rounds,
                "control": control,
                "summary": summary,
            },
        )
        print(report.table(summary, control))
        print(f"\nraw numbers: {os.path.relpath(options.out)}", file=sys.stderr)
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
    parser.add_argument("--ik", help="the ik program to measure; without it only the comparison is")
    parser.add_argument("--without-ik", action="store_true", help="measures nginx and the engine alone")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4, help="of each measurement")
    parser.add_argument("--warm-up", type=float, default=1, help="seconds before each measurement")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 2 s: shows that all works, proves nothing")
    parser.add_argument(
        "--only", help="cases, parted by commas: " + ", ".join((*GATEWAY_CASES, "open_streams", *CONTROL_CASES))
    )
    parser.add_argument("--out", default=f"{REPOSITORY}/Benchmarks/results/latest.json")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds, options.warm_up = 2, 2, 1
    if options.without_ik:
        options.ik = None
    return options


def wanted(case: str, options: argparse.Namespace) -> bool:
    return not options.only or case in options.only.split(",")


def measure_round(number: int, servers: list[Server], cases: Cases, options: argparse.Namespace) -> dict:
    """Every case on every server, the order of the servers turned by one each round."""
    turned = servers[number % len(servers) :] + servers[: number % len(servers)]
    before, results = processes.cpu_times(), {}
    for case in GATEWAY_CASES:
        if wanted(case, options):
            print(
                f"round {number + 1} of {options.rounds}: {case} on {', '.join(server.name for server in turned)}",
                file=sys.stderr,
            )
            results[case] = {server.name: getattr(cases, case)(server) for server in turned}
    results["steal_share"] = processes.steal_share(before, processes.cpu_times())
    return results


def measure_control(platform: Platform, cases: Cases, options: argparse.Namespace) -> dict:
    control = {}
    if wanted("declare_to_process", options):
        print("declare to process", file=sys.stderr)
        control["declare_to_process"] = control_cases.declare_to_process(platform, 20 if options.quick else 100)
    if wanted("long_list", options):
        print("list of 1,000 workloads", file=sys.stderr)
        control["long_list"] = control_cases.long_list(platform)
    if wanted("durable_declares", options):
        print("durable declares", file=sys.stderr)
        control["durable_declares"] = control_cases.durable_declares(platform, cases.lua)
    return control


def describe_machine(options: argparse.Namespace) -> dict:
    def said(*command: str) -> str:
        result = subprocess.run(command, capture_output=True, text=True)
        return (result.stdout + result.stderr).strip().splitlines()[0]

    with open("/proc/cpuinfo", encoding="utf-8") as file:
        cpu = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), "?")
    versions = {
        "nginx": said(shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx", "-v"),
        "wrk": said("wrk", "-v"),
    }
    if options.ik:
        versions["ik"] = said(options.ik, "version")
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "kernel": machine.release(),
        "load": os.getloadavg(),
        "versions": versions,
        "rounds": options.rounds,
        "seconds": options.seconds,
    }


def write_results(path: str, results: dict) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(f"{path}.partial", "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1, ensure_ascii=False)
    os.replace(f"{path}.partial", path)


if __name__ == "__main__":
    sys.exit(main())

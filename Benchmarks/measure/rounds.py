"""Rounds of cases on servers, and the cases of the control plane."""

import argparse
import sys

from . import control_cases, lineup, processes
from .gateway_cases import Cases
from .platform import Platform
from .servers import Server

CONTROL_CASES = ("declare_to_process", "long_list", "durable_declares")


def wanted(case: str, options: argparse.Namespace) -> bool:
    return not options.only or case in options.only


def measure_round(
    number: int, servers: list[Server], cases: Cases, options: argparse.Namespace, skipped: dict | None = None
) -> dict:
    """Every case on every server, the order of the servers turned by one each round."""
    turned = servers[number % len(servers) :] + servers[: number % len(servers)]
    before, results = processes.cpu_times(), {}
    for case in lineup.EVERY_ROUND:
        if wanted(case, options):
            print(f"round {number + 1} of {options.rounds}: ", end="", file=sys.stderr)
            results[case] = measure_case(case, turned, cases, skipped if skipped is not None else {})
    results["steal_share"] = processes.steal_share(before, processes.cpu_times())
    return results


def measure_case(case: str, servers: list[Server], cases: Cases, skipped: dict) -> dict:
    """A rival that fails is left out of this case; the run goes on."""
    direct = next((server for server in servers if server.name == "direct"), None)
    taking = [server for server in servers if lineup.takes(case, server)]
    if case == "third_of_load" and not direct:
        taking = []
    print(f"{case} on {', '.join(server.name for server in taking)}", file=sys.stderr)
    results = {}
    for server in taking:
        more = [direct] if case == "third_of_load" else []
        try:
            results[server.name] = getattr(cases, case)(server, *more)
        except RuntimeError as problem:
            if not server.is_slow:
                raise
            skipped[f"{server.name}, {case}"] = str(problem)
    return results


def measure_control(platform: Platform, cases: Cases, options: argparse.Namespace) -> dict:
    control = {}
    keep_on(processes.SERVER_CORE, platform)
    if wanted("declare_to_process", options):
        print("declare to process", file=sys.stderr)
        control["declare_to_process"] = control_cases.declare_to_process(platform, 20 if options.quick else 100)
    if wanted("long_list", options):
        print("list of 1,000 workloads", file=sys.stderr)
        control["long_list"] = control_cases.long_list(platform)
    if wanted("durable_declares", options):
        print("durable declares", file=sys.stderr)
        control["durable_declares"] = control_cases.durable_declares(platform, cases.loaders.lua)
    return control


def keep_on(core: int, platform: Platform) -> None:
    """The control plane beside the loader while its Gateway is measured, and alone while it is measured itself."""
    for pid in platform.pids():
        processes.pin(pid, core)

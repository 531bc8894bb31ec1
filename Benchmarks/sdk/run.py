#!/usr/bin/env python3
"""Runs each client in turn, in interleaved rounds, and prints medians and ratios. Started by scripts/bench-sdk."""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
ROUNDS = 5

# The other languages: how a client of each is started (its words are those of client.py), and what it is compared with.
# A language is measured where its programs are there; --language names one of them.
LANGUAGES = {
    "node": (["node", f"{HERE}/client.mjs"], "fetch"),
}

# Two programs, built by scripts/bench-sdk where Go is there.
if "IK_BENCH_GO" in os.environ:
    LANGUAGES["go"] = (["sh", "-c", 'exec "$IK_BENCH_GO/$1" "$@"', "go"], "nethttp")

# Classes and jars, built and named by scripts/bench-sdk where Java is there.
if "IK_BENCH_JAVA" in os.environ:
    START = ["java", "-Xmx256m", "-XX:+UseSerialGC", "-cp", os.environ["IK_BENCH_JAVA"], "Client"]
    LANGUAGES["java"] = (START, "java.net.http")


def main() -> int:
    words = argparse.ArgumentParser()
    words.add_argument("--library", required=True)
    words.add_argument("--calls", type=int, default=1000)
    words.add_argument("--streams", type=int, default=20)
    words.add_argument("--language", choices=["python", *LANGUAGES], help="measure this one alone")
    options = words.parse_args()
    server = subprocess.Popen([sys.executable, f"{HERE}/server.py"], stdout=subprocess.PIPE, text=True)
    try:
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        if options.language in (None, "python"):
            measure(url, options)
        for language, (command, other) in LANGUAGES.items():
            if options.language in (None, language) and shutil.which(command[0]):
                compare(url, options, language, command, other)
    finally:
        server.kill()
        server.wait()
    return 0


def measure(url: str, options: argparse.Namespace) -> None:
    cases = [
        ("import", "import_ms", "import, ms", 1, ("inferencekey", "openai", "pycurl"), 0.1),
        ("import", "ready_ms", "import and a first client, ms", 1, ("inferencekey", "openai"), 0.1),
        ("import", "rss_kb", "memory after that, kB", 1, ("inferencekey", "openai", "pycurl"), None),
        ("calls", "cpu_us", "CPU per chat call, µs", options.calls, ("inferencekey", "openai", "pycurl"), 0.06),
        ("calls", "wall_us", "time per chat call, µs", options.calls, ("inferencekey", "openai", "pycurl"), None),
        ("streams", "cpu_us", "CPU per streamed event, µs", options.streams, ("inferencekey", "openai"), 0.05),
        ("threads", "per_second", "calls/s, 16 threads", options.calls, ("inferencekey", "openai", "pycurl"), None),
    ]
    found: dict = {}
    for _ in range(ROUNDS):
        for what, count in (("import", 1), ("calls", options.calls), ("streams", options.streams), ("threads", options.calls)):
            for client in ("inferencekey", "openai", "pycurl"):
                if (what, client) == ("streams", "pycurl"):
                    continue
                run = [sys.executable, "-B" if what != "import" else "-E", f"{HERE}/client.py", client, what, url, str(count)]
                answer = json.loads(subprocess.check_output(run, text=True))
                for key, value in answer.items():
                    found.setdefault((what, key, client), []).append(value)
    print(f"{'':32}{'inferencekey':>14}{'openai':>12}{'pycurl':>12}{'÷ openai':>11}{'goal':>8}")
    for what, key, name, _, clients, goal in cases:
        values = {client: statistics.median(found[what, key, client]) for client in clients}
        cells = "".join(f"{values[c]:{14 if c == 'inferencekey' else 12}.1f}" if c in values else " " * 12 for c in ("inferencekey", "openai", "pycurl"))
        ratio = values["inferencekey"] / values["openai"]
        print(f"{name:32}{cells}{ratio:11.3f}{'' if goal is None else f'≤ {goal}':>8}")
    print(f"library: {os.path.getsize(options.library) / 1e6:.2f} MB stripped")


def compare(url: str, options: argparse.Namespace, language: str, command: "list[str]", other: str) -> None:
    """The client of one language against the usual HTTP client of that language."""
    cases = [
        ("import", "import_ms", "import, ms"),
        ("import", "ready_ms", "import and a first client, ms"),
        ("import", "rss_kb", "memory after that, kB"),
        ("calls", "cpu_us", "CPU per chat call, µs"),
        ("calls", "wall_us", "time per chat call, µs"),
        ("streams", "cpu_us", "CPU per streamed event, µs"),
        ("threads", "per_second", "calls/s, 16 callers"),
    ]
    counts = {"import": 1, "calls": options.calls, "streams": options.streams, "threads": options.calls}
    found: dict = {}
    for _ in range(ROUNDS):
        for what, count in counts.items():
            for client in ("inferencekey", other):
                answer = json.loads(subprocess.check_output([*command, client, what, url, str(count)], text=True))
                for key, value in answer.items():
                    found.setdefault((what, key, client), []).append(value)
    print(f"\n{language:32}{'inferencekey':>14}{other:>15}{'÷ ' + other:>17}")
    for what, key, name in cases:
        ours, theirs = (statistics.median(found[what, key, client]) for client in ("inferencekey", other))
        print(f"{name:32}{ours:14.1f}{theirs:15.1f}{ours / theirs:17.3f}")


if __name__ == "__main__":
    sys.exit(main())

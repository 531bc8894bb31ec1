"""What a request, an event, a connection and an open stream cost in the server under test."""

import json
import subprocess
import time

from . import processes, slow_clients
from .loaders import Loaders, request
from .servers import PARALLEL, WORK_US, Server

EVENTS, EVENT_BYTES, STREAMS, BATCH = 512, 200, 32, 64
PACED_STREAMS, PACED_INTERVAL_US = 500, 20_000
LOAD_SHARE = 0.3
OVERLOAD, PATIENCE_MS = 3, 500


class Cases:
    def __init__(
        self, rig: str, rig_sources: str, folder: str, seconds: float, warm_up: float, engines: list[int] | None = None
    ):
        self.seconds, self.warm_up, self.engines = seconds, warm_up, engines or []
        self.loaders = Loaders(rig, rig_sources, folder)
        # Requests per second that each server reached last: what a share of its load is taken of.
        self.reached: dict[str, float] = {}

    def whole_answers(self, server: Server) -> dict:
        """1 KB requests and 1 KB answers over 32 connections, as fast as they go."""
        self.loaders.wrk(server, self.warm_up)
        before = processes.cpu_seconds(server.pids())
        result = self.loaders.wrk(server, 2 if server.is_slow else self.seconds)
        cpu = processes.cpu_seconds(server.pids()) - before
        if result["bad_status"] or result["errors"]:
            raise RuntimeError(f"{server.name}: not every request was answered well: {result}")
        self.reached[server.name] = result["requests"] / result["seconds"]
        return {
            "requests_per_s": self.reached[server.name],
            "cpu_us_per_request": cpu / result["requests"] * 1e6,
            "requests_per_cpu_s": result["requests"] / cpu if cpu else 0,
            "core_share": cpu / result["seconds"],
            "p50_us": result["p50_us"],
            "p99_us": result["p99_us"],
        }

    def streams(self, server: Server) -> dict:
        """32 streams at once of 512 events of 200 bytes, back to back, written 64 at a time: the path of bytes."""
        words = {"events": EVENTS, "event_bytes": EVENT_BYTES, "batch": BATCH}
        return self._streams(server, 4 if server.is_slow else STREAMS, words, EVENTS)

    def single_events(self, server: Server) -> dict:
        """The same, one write per event. The engine is the slowest here: a quicker server takes less at a time."""
        return self._streams(server, STREAMS, {"events": EVENTS, "event_bytes": EVENT_BYTES}, EVENTS)

    def paced_streams(self, server: Server) -> dict:
        """500 streams at once with 50 events a second each: every event travels alone."""
        events = max(1, int((self.warm_up + self.seconds) * 1e6 / PACED_INTERVAL_US))
        words = {"events": events, "event_bytes": EVENT_BYTES, "interval_us": PACED_INTERVAL_US}
        with processes.real_time([*server.pids(), *self.engines]):
            return self._streams(server, PACED_STREAMS, words, events, total=PACED_STREAMS)

    def third_of_load(self, server: Server, direct: Server) -> dict:
        """Latency at 30 % of what the server reaches, each request sent when it is due, and what it is without it."""
        if server.name not in self.reached:
            result = self.loaders.wrk(server, 1)
            self.reached[server.name] = result["requests"] / result["seconds"]
        rate = LOAD_SHARE * self.reached[server.name]
        with processes.real_time([*server.pids(), *self.engines]):
            alone, through = self._at_rate(direct, rate), self._at_rate(server, rate)
        return {
            "rate": rate,
            **{f"added_{name}": through[name] - alone[name] for name in ("p50_us", "p99_us")},
            **{f"direct_{name}": alone[name] for name in ("p50_us", "p99_us", "p999_us")},
            **{name: through[name] for name in ("p50_us", "p99_us", "p999_us")},
        }

    def new_connections(self, server: Server) -> dict:
        """32 at a time, each with a connection of its own for one request of 1 KB."""
        before = processes.cpu_seconds(server.pids())
        result = self.loaders.requests(server.json, 32, self.seconds, "--fresh")
        cpu = processes.cpu_seconds(server.pids()) - before
        self._must_be_good(server, result)
        return {
            "connections_per_s": result["good"] / result["seconds"],
            "cpu_us_per_connection": cpu / max(1, result["opened"]) * 1e6,
            "p50_us": result["p50_us"],
            "p99_us": result["p99_us"],
        }

    def three_times(self, server: Server) -> dict:
        """Good answers a second at the capacity of the engine, and while three times as many are asked for."""
        body, patience = request(delay_us=WORK_US), ["--patience", str(PATIENCE_MS)]
        steady = ["--warm-up", "1", *patience]
        peak = self.loaders.requests(server.busy, 2 * PARALLEL, self.seconds, *steady, body=body)
        peak_per_s = peak["good"] / peak["seconds"]
        if not peak_per_s:
            raise RuntimeError(f"{server.name}: no request with work was answered in time: {peak}")
        offered = ["--rate", f"{OVERLOAD * peak_per_s:g}", *steady]
        result = self.loaders.requests(server.busy, 4096, self.seconds, *offered, body=body)
        goodput = result["good"] / result["seconds"]
        return {
            "peak_per_s": peak_per_s,
            "goodput_per_s": goodput,
            "goodput_share": goodput / peak_per_s,
            "good_p99_us": result["p99_us"],
            **{name: result[name] / result["seconds"] for name in ("turned_away", "late", "broken")},
        }

    def slow_clients(self, server: Server) -> dict:
        """Honest clients alone, and beside 5,000 slow ones."""
        return slow_clients.measure(server, self.loaders, self.engines, self.seconds)

    def open_streams(self, server: Server) -> dict:
        """Memory before and with many open streams that had their first event and are silent."""
        before, count = processes.pss_mb(server.pids()), server.held_streams
        loader = subprocess.Popen(
            [*self.loaders.streams_command(server, count, {"hold": 1}), "--hold"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            said = loader.stdout.readline()
            time.sleep(0.5)
            held = processes.pss_mb(server.pids())
        finally:
            loader.communicate()
        if not said:
            raise RuntimeError(f"{server.name}: {count} streams could not be opened")
        return {
            "mb_before": before,
            "mb_held": held,
            "mb_per_1000_streams": (held - before) * 1000 / count,
            "open_ms": json.loads(said)["open_ms"],
        }

    def _streams(self, server: Server, streams: int, words: dict, events: int, total: int | None = None) -> dict:
        expected = ["--expect", str(events)] if server.keeps_events else []
        if total is None:
            self.loaders.streams(server, streams, words, *expected, "--seconds", str(self.warm_up))
        before = processes.cpu_seconds(server.pids())
        paced = ["--total", str(total), "--warm-up", str(self.warm_up)]
        limit = ["--seconds", str(self.seconds)] if total is None else paced
        result = self.loaders.streams(server, streams, words, *expected, *limit, real_time=total is not None)
        cpu = processes.cpu_seconds(server.pids()) - before
        return {
            "events_per_s": result["events"] / result["seconds"],
            "cpu_us_per_event": cpu / max(1, result["events"]) * 1e6,
            "core_share": cpu / result["seconds"],
            **{name: result[name] for name in ("event_p50_us", "event_p99_us", "added_gap_p99_us")},
            "first_byte_p50_us": result["first_byte_p50_us"],
        }

    def _at_rate(self, server: Server, rate: float) -> dict:
        offered = ["--rate", f"{rate:.1f}", "--warm-up", "0.5"]
        result = self.loaders.requests(server.json, 256, self.seconds, *offered, real_time=True)
        self._must_be_good(server, result)
        return result

    @staticmethod
    def _must_be_good(server: Server, result: dict) -> None:
        if not result["good"] or result["turned_away"] or result["late"] or result["broken"]:
            raise RuntimeError(f"{server.name}: not every request was answered well: {result}")

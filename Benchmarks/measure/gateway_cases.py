"""What a request, an event and an open stream cost in the server under test."""

import json
import subprocess
import time

from . import processes
from .servers import Server

EVENTS, EVENT_BYTES, STREAMS, BATCH = 512, 200, 32, 64
PACED_STREAMS, PACED_INTERVAL_US = 200, 20_000


class Cases:
    def __init__(self, rig: str, rig_sources: str, folder: str, seconds: float, warm_up: float):
        self.rig, self.lua, self.seconds, self.warm_up = rig, f"{rig_sources}/post.lua", seconds, warm_up
        self.body_file = f"{folder}/request.json"
        with open(self.body_file, "w", encoding="ascii") as file:
            file.write(_request(content=900))

    def whole_answers(self, server: Server) -> dict:
        """1 KB requests and 1 KB answers over 32 connections, as fast as they go."""
        self._wrk(server, self.warm_up)
        before = processes.cpu_seconds(server.pids())
        result = self._wrk(server, self.seconds)
        cpu = processes.cpu_seconds(server.pids()) - before
        if result["bad_status"] or result["errors"]:
            raise RuntimeError(f"{server.name}: not every request was answered well: {result}")
        return {
            "requests_per_s": result["requests"] / result["seconds"],
            "cpu_us_per_request": cpu / result["requests"] * 1e6,
            "core_share": cpu / result["seconds"],
            "p50_us": result["p50_us"],
            "p99_us": result["p99_us"],
        }

    def streams(self, server: Server) -> dict:
        """32 streams at once of 512 events of 200 bytes, back to back, written 64 at a time: the path of bytes."""
        return self._streams(server, STREAMS, {"events": EVENTS, "event_bytes": EVENT_BYTES, "batch": BATCH}, EVENTS)

    def single_events(self, server: Server) -> dict:
        """The same, one write per event. The engine is the slowest here: a quicker server takes less at a time."""
        return self._streams(server, STREAMS, {"events": EVENTS, "event_bytes": EVENT_BYTES}, EVENTS)

    def paced_streams(self, server: Server) -> dict:
        """200 streams at once with 50 events a second each: every event travels alone."""
        events = max(1, int(self.seconds * 1e6 / PACED_INTERVAL_US))
        body = {"events": events, "event_bytes": EVENT_BYTES, "interval_us": PACED_INTERVAL_US}
        return self._streams(server, PACED_STREAMS, body, events, total=PACED_STREAMS)

    def open_streams(self, server: Server, count: int = 1000) -> dict:
        """Memory before and with that many open streams that had their first event and are silent."""
        idle = processes.pss_mb(server.pids())
        loader = subprocess.Popen(
            [*self._loader(server, count, {"hold": 1}), "--hold"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            opened = json.loads(loader.stdout.readline())
            time.sleep(0.5)
            held = processes.pss_mb(server.pids())
        finally:
            loader.communicate()
        return {
            "idle_mb": idle,
            "held_mb": held,
            "mb_per_1000_streams": (held - idle) * 1000 / count,
            "open_ms": opened["open_ms"],
        }

    def _streams(self, server: Server, streams: int, body: dict, events: int, total: int | None = None) -> dict:
        command = [*self._loader(server, streams, body), "--expect", str(events)]
        if total is None:
            processes.run_json([*command, "--seconds", str(self.warm_up)])
        before = processes.cpu_seconds(server.pids())
        limit = ["--seconds", str(self.seconds)] if total is None else ["--total", str(total)]
        result = processes.run_json([*command, *limit])
        cpu = processes.cpu_seconds(server.pids()) - before
        if result["broken"]:
            raise RuntimeError(f"{server.name}: {result['broken']} of {result['streams']} streams did not arrive whole")
        return {
            "events_per_s": result["events"] / result["seconds"],
            "cpu_us_per_event": cpu / result["events"] * 1e6,
            "core_share": cpu / result["seconds"],
            "event_p50_us": result["event_p50_us"],
            "event_p99_us": result["event_p99_us"],
            "first_byte_p50_us": result["first_byte_p50_us"],
        }

    def _loader(self, server: Server, streams: int, fields: dict) -> list[str]:
        target = server.stream
        words = [f"{self.rig}/sse_load", "--port", str(target.port), "--path", target.path, "--streams", str(streams)]
        if target.token:
            words += ["--header", f"authorization: Bearer {target.token}"]
        return [*words, "--body", _request(stream=True, **fields)]

    def _wrk(self, server: Server, seconds: float) -> dict:
        target = server.json
        url = f"http://127.0.0.1:{target.port}"
        words = [
            "wrk",
            "-t1",
            "-c32",
            f"-d{seconds:g}s",
            "-s",
            self.lua,
            url,
            "--",
            "post",
            target.path,
            target.token,
            self.body_file,
        ]
        return processes.run_json(words)


def _request(content: int = 20, **fields) -> str:
    messages = [{"role": "user", "content": "x" * content}]
    return json.dumps({"model": "bench", "messages": messages, **fields}, separators=(",", ":"))

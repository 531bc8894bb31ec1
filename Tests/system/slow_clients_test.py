"""Slow and dripping clients are cut by deadlines, and a slow reader costs bounded memory."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2 as httpx

from rig import engines, processes, raw
from rig.api import QUESTION
from rig.waiting import holds_for, wait_until

HEAD_S = 15  # GatewayLimits.headDeadline, ManagerTimings.requestDeadline
BODY_IDLE_S = 30  # GatewayLimits.bodyIdle
LATE_S = 5


def seconds_until_cut(port: int, first: bytes, drip: bytes, every_s: float, at_most_s: float) -> tuple[float, bytes]:
    """Sends `first`, then `drip` for ever; how long that was tolerated, and what came back."""
    began = time.monotonic()
    never = threading.Event()
    with raw.connect(port) as client:
        client.settimeout(every_s)
        answer = b""
        try:
            client.sendall(first)
            while time.monotonic() - began < at_most_s:
                try:
                    piece = client.recv(65536)
                    if not piece:
                        return time.monotonic() - began, answer
                    answer += piece
                except TimeoutError:
                    pass
                if drip:
                    client.sendall(drip)
                else:
                    never.wait(every_s / 10)
        except ConnectionError:
            return time.monotonic() - began, answer
    raise AssertionError(f"still tolerated after {at_most_s} s")


def test_dripping_heads_and_bodies_are_cut_while_others_are_served(shared, project):
    project.create(engines.stand_in_workload("bot"))
    project.served("bot", seconds=20)
    endpoint = f"/endpoint/{project.slug}/bot/v1/chat/completions"
    open_head = b"POST %s HTTP/1.1\r\nhost: x\r\nx-drip: "
    cases = {
        "a head, data plane": (open_head % endpoint.encode(), b"x", 0.5, HEAD_S),
        "a head, control plane": (open_head % project.path.encode(), b"x", 0.5, HEAD_S),
        "nothing at all": (b"", b"", 1, HEAD_S),
        "a body that stops, data plane": (raw.head("POST", endpoint, project.key, 1000) + b"{", b"", 1, BODY_IDLE_S),
        "a body, control plane": (raw.head("POST", project.path, project.token, 1000) + b"{", b" ", 0.5, HEAD_S),
    }
    with ThreadPoolExecutor(len(cases) * 4) as pool:
        futures = {
            name: [pool.submit(seconds_until_cut, shared.port, first, drip, every, limit + LATE_S) for _ in range(4)]
            for name, (first, drip, every, limit) in cases.items()
        }
        holds_for(lambda: project.answers("bot"), HEAD_S, "others are served")
        for name, (_, _, _, limit) in cases.items():
            for future in futures[name]:
                took, answer = future.result()
                assert limit - 3 <= took <= limit + LATE_S, (name, took)
                assert not answer or b" 408 " in answer.split(b"\r\n")[0], (name, answer[:300])


def test_a_slow_reader_of_a_long_stream_costs_bounded_memory_and_only_itself(shared, project):
    project.create(engines.stand_in_workload("bot"))
    (replica,) = project.served("bot", seconds=20)
    state = f"http://127.0.0.1:{replica['port']}/stand-in/state"
    body = {
        "model": "bot",
        "messages": QUESTION,
        "stream": True,
        "stand_in": {"tokens": 3000, "event_bytes": 16_384},
    }
    request = raw.post(f"/endpoint/{project.slug}/bot/v1/chat/completions", project.key, body)
    before = processes.resident_bytes(shared.pid)
    readers = []
    try:
        for _ in range(5):
            client = raw.connect(shared.port)
            client.sendall(request)
            assert client.recv(4096).startswith(b"HTTP/1.1 200")
            readers.append(client)

        def tokens() -> int:
            return httpx.get(state, trust_env=False).json()["generated_tokens"]

        last = -1

        def stands_still() -> bool:
            nonlocal last
            now = tokens()
            still, last = now == last, now
            return still

        wait_until(stands_still, 15, "the engine is held back", pause_s=0.5)
        holds_for(lambda: processes.resident_bytes(shared.pid) - before < 48 << 20, 3, "bounded memory")
        grown = processes.resident_bytes(shared.pid) - before
        assert tokens() < 5 * 2000, "the engine was not held back"
        assert project.answers("bot")
        # Reading on, the stream goes on.
        stopped_at = tokens()
        taken = 0
        while taken < 8 << 20:
            taken += len(readers[0].recv(1 << 20))
        wait_until(lambda: tokens() > stopped_at, 5, "the stream goes on")
        print(f"5 slow readers: {grown >> 20} MiB more")
    finally:
        for client in readers:
            client.close()
    wait_until(lambda: httpx.get(state, trust_env=False).json()["running"] == 0, 5, "the engine's requests end")

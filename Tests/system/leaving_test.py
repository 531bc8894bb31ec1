"""A client that leaves ends the engine's work."""

import socket

import httpx2 as httpx
import pytest

from rig import engines, raw
from rig.api import QUESTION
from rig.waiting import keeps_promise, wait_until

CANCEL_S = 1.0


@pytest.fixture
def bot(project):
    project.create(engines.stand_in_workload("bot"))
    (replica,) = project.served("bot", seconds=20)
    return project, f"http://127.0.0.1:{replica['port']}/stand-in/state"


def seen(state: str) -> dict:
    return httpx.get(state, trust_env=False).json()


def ends_in_time(state: str) -> None:
    try:
        wait_until(lambda: seen(state)["running"] == 0, CANCEL_S, "the end of the engine's requests", strict=True)
    finally:
        # The next attempt begins with none.
        wait_until(lambda: seen(state)["running"] == 0, 20, "the end of the engine's requests, late")


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "plain"])
@pytest.mark.parametrize("reset", [True, False], ids=["reset", "closed"])
def test_a_client_that_leaves_ends_the_engines_request_within_a_second(shared, bot, streamed, reset):
    project, state = bot
    settings = {"tokens": 1000, "delay_ms": 50} if streamed else {"first_ms": 30_000}
    request = raw.post(
        f"/endpoint/{project.slug}/bot/v1/chat/completions",
        project.key,
        {"model": "bot", "messages": QUESTION, "stream": streamed, "stand_in": settings},
    )

    def five_leave() -> None:
        before = seen(state)["aborted"]
        clients = [raw.connect(shared.port) for _ in range(5)]
        for client in clients:
            client.sendall(request)
        wait_until(lambda: seen(state)["running"] == 5, 5, "five requests")
        if streamed:
            assert all(client.recv(1000).startswith(b"HTTP/1.1 200") for client in clients)
        for client in clients:
            if reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.close()
        ends_in_time(state)
        assert seen(state)["aborted"] == before + 5

    keeps_promise(five_leave)
    assert project.answers("bot")


def test_a_hundred_streams_left_at_once_leave_nothing_behind(shared, bot):
    project, state = bot
    with project.openai("bot") as client:
        keeps_promise(lambda: a_hundred_leave(client, state))


def a_hundred_leave(client, state: str) -> None:
    before = seen(state)["aborted"]
    streams = [
        client.chat.completions.create(
            model="bot", messages=QUESTION, stream=True, extra_body={"stand_in": {"tokens": 1000, "delay_ms": 100}}
        )
        for _ in range(100)
    ]
    for stream in streams:
        next(iter(stream))
        stream.close()
    ends_in_time(state)
    assert seen(state)["aborted"] == before + 100

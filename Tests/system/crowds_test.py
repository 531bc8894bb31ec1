"""Many connections at once: leaving, dripping, streaming through a shutdown, more than there are descriptors for."""

import asyncio
import json
import os
import re
import resource
import socket
import time

import pytest

from rig import processes
from rig.gateways import KEY, PATH, BuiltGateway, Engine, Exchange, Manager, answers, chunk, gateway, post, tables
from rig.waiting import wait_until

# Sizes of the long tests; in brackets what is promised.
LEAVERS = int(os.environ.get("IK_TEST_LEAVERS", "1000"))  # [1,000]
SLOW = int(os.environ.get("IK_TEST_SLOW", "1000"))  # [5,000]
STREAMS = int(os.environ.get("IK_TEST_STREAMS", "2000"))  # [5,000]
WAVE = 100
HEAD_S = 15  # GatewayLimits.headDeadline
ASK = post(b'{"model":"tiny","stream":true}')


@pytest.fixture(autouse=True)
def descriptors():
    """The tests themselves need two descriptors for each stream."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 32_768)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_every_client_that_leaves_ends_the_engines_work_within_a_second(tmp_path):
    def script(exchange: Exchange) -> None:
        if b"streams" in exchange.body:
            exchange.start_stream()
            exchange.event("1")
        exchange.until_left()

    slowest = 0.0
    with gateway(tmp_path / "g", Engine(script)) as built:
        (engine,) = built.engines
        for wave in range(LEAVERS // WAVE):
            streams, resets = wave % 2 == 0, wave % 4 < 2
            clients = [built.connect() for _ in range(WAVE)]
            for client in clients:
                client.sendall(post(b'{"model":"tiny","user":"%s"}' % (b"streams" if streams else b"waits")))
            if streams:
                assert all(client.recv(4096).startswith(b"HTTP/1.1 200") for client in clients)
            wait_until(lambda: engine.open == WAVE, 20, "every request is at the engine")
            for client in clients:
                if resets:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                client.close()
            left = time.monotonic()
            wait_until(lambda: engine.open == 0, 5, f"wave {wave}: the engine's connections are closed", pause_s=0.005)
            slowest = max(slowest, time.monotonic() - left)
        assert len(engine.requests) == LEAVERS
    print(f"{LEAVERS} of {LEAVERS} clients that left; the last engine connection closed after {slowest:.3f} s")


def test_clients_that_drip_their_heads_are_all_cut_while_honest_ones_are_served(tmp_path):
    async def drip(port: int) -> tuple[float, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        began = time.monotonic()
        writer.write(b"POST " + PATH.encode() + b" HTTP/1.1\r\nhost: x\r\nx-drip: ")
        answer = asyncio.ensure_future(reader.read())
        while not answer.done():
            writer.write(b"x")
            await asyncio.wait([answer], timeout=3)
        writer.close()
        try:
            return time.monotonic() - began, answer.result()
        except ConnectionError:
            return time.monotonic() - began, b""

    async def honest(port: int, until: asyncio.Event, took: list[float]) -> None:
        while not until.is_set():
            began = time.monotonic()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(post(b'{"model":"tiny"}', more="connection: close\r\n"))
            ((status, _),) = answers(await reader.read())
            assert status == 200
            writer.close()
            took.append(time.monotonic() - began)
            await asyncio.sleep(0.05)

    async def everybody(port: int) -> tuple[list, list[float]]:
        done, took = asyncio.Event(), []
        served = [asyncio.create_task(honest(port, done, took)) for _ in range(5)]
        slow = await asyncio.gather(*(drip(port) for _ in range(SLOW)))
        done.set()
        await asyncio.gather(*served)
        return slow, took

    with gateway(tmp_path / "g", Engine()) as built:
        before = processes.resident_bytes(built.pid)
        slow, took = asyncio.run(everybody(built.port))
        assert all(HEAD_S - 3 <= seconds <= HEAD_S + 10 for seconds, _ in slow), sorted(s for s, _ in slow)[-3:]
        assert all(not text or text.startswith(b"HTTP/1.1 408") for _, text in slow)
        assert sum(bool(text) for _, text in slow) > SLOW * 0.5, "most are told, a reset may swallow a few"
        grown = processes.resident_bytes(built.pid) - before
        assert grown < SLOW * 32_768 + (16 << 20)
    took.sort()
    print(f"{SLOW} dripping clients; {len(took)} honest calls, p99 {took[len(took) * 99 // 100] * 1000:.1f} ms, "
          f"{grown >> 10} KiB more")  # fmt: skip


async def streaming_engine(finishes: asyncio.Event) -> asyncio.Server:
    """Streams an event to everybody; half of all streams end when they are told to, the others never."""
    count = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(re.search(rb"content-length: (\d+)", head)[1]))
        mine, count = count, count + 1
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        writer.write(head + chunk(b"data: 1\n\n"))
        if mine % 2:
            await reader.read()
        else:
            await finishes.wait()
            writer.write(chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
            await writer.drain()
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", 0, backlog=4096)


class At:
    """What stands for an engine in the tables."""

    def __init__(self, port: int):
        self.port = port

    def stop(self) -> None:
        pass


def test_a_shutdown_with_many_open_streams_lets_them_finish_and_counts_what_was_cut(tmp_path):
    async def one(port: int, first: asyncio.Semaphore) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASK)
        content = await reader.readuntil(b"data: 1\n\n\r\n")
        first.release()
        content += await reader.read()
        writer.close()
        return content

    async def story() -> tuple[list[bytes], int, int]:
        finishes, first = asyncio.Event(), asyncio.Semaphore(0)
        server = await streaming_engine(finishes)
        engine = At(server.sockets[0].getsockname()[1])
        built = BuiltGateway(tmp_path / "g", [engine], manager=Manager(tables([engine])))
        try:
            await asyncio.to_thread(built.start)
            before = processes.resident_bytes(built.pid)
            clients = []
            for _ in range(0, STREAMS, WAVE):
                clients += [asyncio.create_task(one(built.port, first)) for _ in range(WAVE)]
                for _ in range(WAVE):
                    await asyncio.wait_for(first.acquire(), 30)
            grown = processes.resident_bytes(built.pid) - before
            built.role.terminate()
            await asyncio.to_thread(wait_until, lambda: "draining" in built.role.words, 10, "the drain begins")
            finishes.set()
            contents = await asyncio.gather(*clients)
            status = await asyncio.to_thread(built.role.ended, 30)
            words = built.role.words
        finally:
            built.stop()
            server.close()
        assert status == 0 and f"in_flight={STREAMS}" in words, words[-2000:]
        assert re.search(rf"drained\s+cut={STREAMS // 2}\s+finished={STREAMS // 2}", words), words[-2000:]
        return contents, grown, STREAMS

    contents, grown, count = asyncio.run(story())
    bodies = [answers(content)[0][1] for content in contents]
    whole = [body for body in bodies if body.endswith(b"data: [DONE]\n\n")]
    cut = [body for body in bodies if b"[DONE]" not in body]
    assert len(whole) == len(cut) == count // 2
    for body in cut:
        error = json.loads(body.removeprefix(b"data: 1\n\n").removeprefix(b"data: "))["error"]
        assert error["code"] == "unavailable" and "shutting down" in error["message"]
    print(f"{count} open streams: {grown / count / 1024:.1f} KiB each; {len(whole)} finished, {len(cut)} cut")


def test_out_of_descriptors_clients_are_told_so_and_served_again_when_there_are_some(tmp_path):
    limit = 128
    with gateway(tmp_path / "g", Engine()) as built:
        with built.connect() as client:
            client.sendall(post(b'{"model":"tiny"}'))
            assert client.recv(4096).startswith(b"HTTP/1.1 200")
        resource.prlimit(built.pid, resource.RLIMIT_NOFILE, (limit, limit))
        crowd = [built.connect() for _ in range(limit + 50)]
        try:

            def is_told() -> bool:
                text = built.exchange(post(b'{"model":"tiny"}', more="connection: close\r\n"))
                return text.startswith(b"HTTP/1.1 503") and b"no_capacity" in text

            # A client that was let in can be told too that there is no way on to an engine.
            crowd[0].sendall(post(b'{"model":"tiny"}'))
            text = crowd[0].recv(4096)
            assert text.startswith((b"HTTP/1.1 200", b"HTTP/1.1 503")), text
            for _ in range(20):
                wait_until(is_told, 10, "a client that is told")
            # A loop that spins for want of descriptors is never seen asleep.
            wait_until(lambda: processes.is_asleep(built.pid), 10, "every thread at rest while the crowd is there")
        finally:
            for client in crowd:
                client.close()
        ask = post(b'{"model":"tiny"}', more="connection: close\r\n")
        wait_until(lambda: built.exchange(ask).startswith(b"HTTP/1.1 200"), 10, "it serves again")
        assert "out of file descriptors" in built.role.words and "ulimit" in built.role.words
        assert built.role.words.count("out of file descriptors") < 30

"""Threads, forks and the import itself."""

import importlib.util
import json
import os
import queue
import subprocess
import sys
import threading

import pytest
from conftest import KEY, completion, delta

from inferencekey import CancelledError, ConfigurationError, DataClient, ValidationError


def test_many_threads_on_one_client(server, endpoint):
    server.script = lambda request, reply: reply.json(completion(request.json()["messages"][0]["content"]))
    wrong = []

    def work(number):
        for turn in range(20):
            text = f"{number}-{turn}"
            if endpoint.generate_text(prompt=text).text != text:
                wrong.append(text)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong and len(server.requests) == 64 * 20


def test_the_child_of_a_fork_opens_its_own_connections(server, endpoint):
    def script(request, reply):
        if not request.json().get("stream"):
            return reply.json(completion())
        reply.open_events()
        reply.event(delta("x", "stop"))
        reply.event(b"[DONE]")
        reply.end()

    server.script = script
    assert endpoint.generate_text(prompt="Hola").text == "Hola"
    child = os.fork()
    if child == 0:
        try:
            ok = endpoint.generate_text(prompt="Hola").text == "Hola"
            ok = ok and [chunk.text for chunk in endpoint.generate_text_stream(prompt="Hola")] == ["x"]
            os._exit(0 if ok else 1)
        except BaseException:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert endpoint.generate_text(prompt="Hola").text == "Hola"
    # The parent's connection was used twice, the child's by the child alone.
    assert [request.connection for request in server.requests] == [0, 1, 1, 0]


def test_no_thread_is_started_for_plain_http(server):
    server.script = lambda request, reply: reply.json(completion())
    program = (
        "import os, inferencekey as ik\n"
        f"print(ik.DataClient('{server.url}', 'acme', '{KEY}').endpoint('b').generate_text(prompt='x').text)\n"
        "print(len(os.listdir('/proc/self/task')))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["Hola", "1"]


def test_importing_loads_next_to_nothing():
    program = "import sys; before = set(sys.modules); import inferencekey; print(*sorted(set(sys.modules) - before))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) <= {"__future__", "inferencekey", "inferencekey._version"}


def test_every_name_can_be_imported():
    import inferencekey

    assert [name for name in inferencekey.__all__ if getattr(inferencekey, name, None) is None] == []


def test_a_closed_client_lets_go_of_its_connections(server):
    server.script = lambda request, reply: reply.json(completion())
    closed = threading.Event()
    with DataClient(server.url, "acme", KEY) as client:
        client.endpoint("bot").generate_text(prompt="Hola")
        server.script = lambda request, reply: (reply.json(completion()), reply.wait_closed(), closed.set())
        client.endpoint("bot").generate_text(prompt="Hola")
    assert closed.wait(5)


def test_closing_a_client_ends_what_it_does_and_refuses_what_comes(server):
    closed, arrived = threading.Semaphore(0), threading.Event()

    def script(request, reply):
        if request.json().get("stream"):
            reply.open_events()
            reply.chunk(b"".join(b"data: " + json.dumps(delta(text)).encode() + b"\n\n" for text in "ab"))
        else:
            arrived.set()
        if reply.wait_closed():
            closed.release()

    server.script = script
    client = DataClient(server.url, "acme", KEY)
    endpoint = client.endpoint("bot")
    stream = endpoint.generate_text_stream(prompt="Hola")
    loop = iter(endpoint.generate_text_stream(prompt="Hola"))
    assert (next(stream).text, next(loop).text) == ("a", "a")
    ends = []

    def wait():
        try:
            endpoint.generate_text(prompt="Hola")
        except CancelledError as reason:
            ends.append(str(reason))

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert arrived.wait(10)
    client.close()
    client.close()
    waiting.join(10)
    assert ends == ["cancelled: the client was closed"]
    # Also what had arrived already is given no more.
    for reading in (stream, loop):
        with pytest.raises(CancelledError, match="the client was closed"):
            next(reading)
    for calling in (endpoint.generate_text, endpoint.generate_text_stream, endpoint.embed):
        with pytest.raises(ConfigurationError, match="closed"):
            calling("Hola")
    with pytest.raises(ConfigurationError, match="closed"):
        client.endpoint("bot")
    for _ in range(3):
        assert closed.acquire(timeout=10)


def test_a_second_thread_that_reads_a_stream_is_refused_and_the_first_reads_on(server, endpoint):
    proceed = threading.Event()

    def script(request, reply):
        reply.open_events()
        reply.event(delta("a"))
        proceed.wait(10)
        reply.event(delta("b", "stop"))
        reply.event(b"[DONE]")
        reply.end()

    server.script = script
    stream = endpoint.generate_text_stream(prompt="Hola")
    assert next(stream).text == "a"
    ends = queue.Queue()

    def read():
        try:
            ends.put([chunk.text for chunk in stream])
        except ValidationError as reason:
            ends.put(str(reason))

    for _ in range(2):
        threading.Thread(target=read).start()
    refusal = "validation error: another thread reads this stream; a stream is for one reader at a time"
    assert ends.get(timeout=10) == refusal
    proceed.set()
    assert ends.get(timeout=10) == ["b"]


@pytest.mark.skipif(importlib.util.find_spec("_xxsubinterpreters") is None, reason="this Python makes no interpreters")
def test_a_second_interpreter_is_refused_and_the_first_works_on():
    program = """
import _xxsubinterpreters, inferencekey

def kind():
    try:
        inferencekey.DataClient("ftp://x", "p", "k").endpoint("bot")
    except inferencekey.ConfigurationError as reason:
        return type(reason).__name__

other = _xxsubinterpreters.create()
before = kind()
_xxsubinterpreters.run_string(other, '''
try:
    from inferencekey import DataClient
except ImportError as reason:
    print(reason)
''')
_xxsubinterpreters.destroy(other)
print(before, kind())
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    said, kinds = run.stdout.splitlines()
    assert said.startswith("inferencekey works in one interpreter of a process, and another one has it already.")
    assert kinds == "ConfigurationError ConfigurationError"

"""Threads, forks and the import itself."""

import os
import subprocess
import sys
import threading

from conftest import KEY, completion, delta

from inferencekey import DataClient


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

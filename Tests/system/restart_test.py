"""The platform stops and comes back; its engines go on, unless they are told to stop with it."""

import os
import signal
import threading
import time

import httpx2 as httpx
import pytest

from rig import engines, processes
from rig.api import QUESTION
from rig.waiting import wait_until


def test_after_kill_9_engines_are_adopted_and_requests_served(new_platform):
    platform = new_platform()
    project = platform.project()
    project.create(engines.llama_workload("bot", replicas=2))
    project.create(engines.stand_in_workload("other"))
    replicas = wait_until(lambda: project.ready("bot", 2), 30) + project.served("other", seconds=20)
    before = {each["id"]: platform.engine(each["id"]) for each in replicas}
    born = {each.pid: processes.started(each.pid) for each in before.values()}
    platform.kill()
    assert all(processes.is_alive(each.pid) for each in before.values())
    began = time.monotonic()
    platform.start()
    wait_until(lambda: project.answers("bot") and project.answers("other"), 10, "answers")
    print(f"answers {time.monotonic() - began:.2f} s after the start")
    after = wait_until(lambda: project.ready("bot", 2), 15) + project.served("other", seconds=15)
    assert {each["id"]: platform.engine(each["id"]).pid for each in after} == {i: p.pid for i, p in before.items()}
    assert {pid: processes.started(pid) for pid in born} == born
    assert {each["restarts"] for each in after} == {0}


def test_an_engine_that_ended_while_the_platform_was_down_is_started_again(new_platform):
    platform = new_platform()
    project = platform.project()
    project.create(engines.llama_workload("bot"))
    (replica,) = project.served("bot", seconds=30)
    platform.kill()
    engine = platform.engine(replica["id"])
    platform.kill_engine(engine)
    wait_until(lambda: not processes.is_alive(engine.pid), 5)
    platform.start()
    # Until the worker is heard, the replica counts as doing what it did last: an answer is the fact.
    wait_until(lambda: project.answers("bot"), 30, "an answer")
    assert project.ready("bot")
    assert platform.engine(replica["id"]).pid != engine.pid


def test_what_was_declared_away_while_nobody_looked_is_stopped(new_platform):
    platform = new_platform()
    project = platform.project()
    workload = project.create(engines.stand_in_workload("bot", told="on_term=15"))
    (replica,) = project.served("bot", seconds=20)
    project.api.delete(f"/api/workloads/{workload['id']}")
    platform.kill()
    assert platform.engines(replica["id"])
    platform.start()
    wait_until(lambda: not platform.engines(replica["id"]), 30, "the end of the engine")


def stream(project, seconds: float, result: list) -> threading.Thread:
    """A stream of so many seconds in a thread of its own; `result` gets its chunks, or what it raised last."""

    def run() -> None:
        try:
            with project.openai("bot") as client:
                for chunk in client.chat.completions.create(
                    model="bot",
                    messages=QUESTION,
                    stream=True,
                    extra_body={"stand_in": {"tokens": int(seconds * 20), "delay_ms": 50}},
                ):
                    result.append(chunk)
        except Exception as problem:  # noqa: BLE001 (the test looks at it)
            result.append(problem)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


@pytest.fixture
def streaming(new_platform):
    platform = new_platform()
    project = platform.project()
    project.create(engines.stand_in_workload("bot"))
    (replica,) = project.served("bot", seconds=20)
    return platform, project, replica


def test_sigterm_finishes_what_is_in_flight_refuses_what_is_new_and_leaves_engines(streaming):
    platform, project, replica = streaming
    engine = platform.engine(replica["id"])
    chunks: list = []
    thread = stream(project, 15, chunks)
    wait_until(lambda: len(chunks) >= 5, 10)
    platform.role.terminate()

    def is_refused() -> bool:
        try:
            return httpx.get(platform.base_url + "/healthz", trust_env=False, timeout=2).status_code == 503
        except httpx.TransportError:
            return True

    wait_until(is_refused, 5, "new connections are refused")
    assert thread.is_alive(), "the stream was to outlast the refusal"
    thread.join(60)
    assert platform.role.ended(25) == 0
    assert not isinstance(chunks[-1], Exception), chunks[-1]
    assert chunks[-1].choices[0].finish_reason == "length"
    assert processes.is_alive(engine.pid)
    platform.start()
    project.served("bot", seconds=15)
    assert platform.engine(replica["id"]) == engine


def test_a_second_sigterm_stops_at_once(streaming):
    platform, project, replica = streaming
    chunks: list = []
    thread = stream(project, 60, chunks)
    wait_until(lambda: len(chunks) >= 3, 10)
    platform.role.terminate()
    wait_until(lambda: "Stopping" in platform.role.words, 5, "words about the stop")
    platform.role.terminate()
    # The stream would go on for a minute, and the drain for half of one.
    platform.role.process.wait(15)
    thread.join(30)
    assert processes.is_alive(platform.engine(replica["id"]).pid)


def test_sigint_stops_it_in_order_too(streaming):
    platform, _, replica = streaming
    os.kill(platform.pid, signal.SIGINT)
    assert platform.role.ended(25) == 0
    assert platform.engines(replica["id"])


def test_stop_engines_leaves_nothing_not_even_children_and_one_that_ignores_sigterm(new_platform):
    platform = new_platform("--stop-engines")
    project = platform.project()
    project.create(engines.llama_workload("bot"))
    project.create(engines.stand_in_workload("group", told="child=group"))
    project.create(engines.stand_in_workload("session", told="child=session"))
    for slug in ("bot", "group", "session"):
        wait_until(lambda slug=slug: project.ready(slug), 30, slug)
    assert len(processes.of_run(platform.run)) >= 6
    platform.stop()
    assert not platform.left_over()
    platform.start()
    for slug in ("bot", "group", "session"):
        project.served(slug)


def test_a_deleted_workload_whose_engine_ignores_sigterm_is_killed_after_its_grace(new_platform):
    platform = new_platform("--stop-engines")
    project = platform.project()
    workload = project.create(engines.stand_in_workload("bot", told="on_term=ignore,child=session"))
    (replica,) = project.served("bot", seconds=20)
    assert platform.engines(replica["id"])
    project.api.delete(f"/api/workloads/{workload['id']}")
    wait_until(lambda: not platform.engines(replica["id"]), 50, "SIGKILL after the grace, children too")

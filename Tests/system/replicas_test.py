"""Three real llama-servers behind one endpoint: spread, killed under load, scaled."""

import json
import time

import pytest

from rig import engines, processes
from rig.api import QUESTION
from rig.load import Load
from rig.waiting import holds_for, wait_until


def requests_of(platform, replica: str) -> int:
    (log,) = (platform.data / "worker" / "replicas" / replica).glob("engine.log")
    return log.read_text(errors="replace").count("release: id")


@pytest.fixture
def three(shared, project):
    project.create(engines.llama_workload("bot", replicas=3))
    replicas = wait_until(lambda: project.ready("bot", 3), 60, "three replicas")
    wait_until(lambda: project.answers("bot"), 5)
    return replicas


def test_requests_spread_over_the_replicas(shared, project, three):
    def answers():
        return [requests_of(shared, each["id"]) for each in three]

    # How many each gets beside the others says how fast the machine let it be: the one with the fewest open is next.
    with Load(project, "bot") as load:
        wait_until(lambda: min(answers()) >= 15, 60, "fifteen answers of each")
    assert not load.failures


@pytest.mark.parametrize("streams", [False, True], ids=["plain", "streamed"])
def test_an_engine_killed_under_load_costs_only_what_it_was_streaming(shared, project, three, streams):
    victim = three[0]["id"]
    engine = shared.engine(victim)
    with Load(project, "bot", streams=streams) as load:
        wait_until(lambda: load.answers >= 30, 60, "thirty answers")
        shared.kill_engine(engine)
        killed = time.monotonic()

        def backing_off():
            status = project.status("bot")
            (state,) = [each for each in status["replicas"] if each["id"] == victim]
            told = state["state"] == "backing_off" and state["cause"] and status["status"] == "degraded"
            return (state, status) if told else None

        state, status = wait_until(backing_off, 5, "the back-off")
        assert "signal 9" in state["reason"], state
        assert state["cause"] == "engine_exited" and state["log_tail"], state
        assert status["ready"] == 2, status
        before = load.answers
        wait_until(lambda: load.answers >= before + 30, 60, "answers of the other two")
        wait_until(lambda: project.ready("bot", 3), 40, "the restart")
        restarted = time.monotonic() - killed
    (state,) = [each for each in project.status("bot")["replicas"] if each["id"] == victim]
    assert state["restarts"] == 1 and restarted > 8, (state, restarted)
    assert shared.engine(victim).pid != engine.pid
    # What an engine had begun cannot be begun again: at most one request of each client, and it says so.
    assert len(load.failures) <= len(load.threads), load.failures
    assert {getattr(each, "code", None) for each in load.failures} <= {"upstream_failed"}, load.failures


def test_scaling_down_to_nothing_and_up_again_drops_no_request(shared, project, three):
    pids = {each["id"]: shared.engine(each["id"]).pid for each in three}
    with Load(project, "bot") as load:
        wait_until(lambda: load.answers >= 10, 60)
        project.scale("bot", 1)
        (kept,) = wait_until(lambda: project.ready("bot", 1), 60, "one replica")
        wait_until(lambda: len([pid for pid in pids.values() if processes.is_alive(pid)]) == 1, 30, "two ends")
        before = load.answers
        wait_until(lambda: load.answers >= before + 10, 60)
    assert not load.failures, load.failures
    assert shared.engine(kept["id"]).pid == pids[kept["id"]], "the one that stays was restarted"

    project.scale("bot", 0)
    wait_until(lambda: project.status("bot")["status"] == "stopped", 30, "stopped")
    wait_until(lambda: not project.status("bot")["replicas"] and not processes.is_alive(pids[kept["id"]]), 30)
    answer = project.ask("bot")
    assert answer.status_code == 503, answer.text
    error = answer.json()["error"]
    assert error["code"] in ("workload_not_ready", "no_capacity") and error["message"], error
    assert 0 <= int(answer.headers["retry-after-ms"]) <= 120_000

    project.scale("bot", 1)
    wait_until(lambda: project.ready("bot", 1), 30, "one again")
    wait_until(lambda: project.answers("bot"), 5, "an answer")
    assert project.get("bot")["revision"] == 4


def test_a_stream_that_its_engine_leaves_ends_with_an_error_event_and_without_done(shared, project):
    project.create(engines.stand_in_workload("bot"))
    project.served("bot", seconds=20)
    body = {"model": "bot", "messages": QUESTION, "stream": True, "stand_in": {"crash": "before_event", "at": 3}}
    with project.data.http.stream("POST", f"/endpoint/{project.slug}/bot/v1/chat/completions", json=body) as answer:
        assert answer.status_code == 200
        data = [line[5:].strip() for line in answer.iter_lines() if line.startswith("data:")]
    assert data[-1] != "[DONE]" and json.loads(data[-1])["error"]["code"] == "upstream_failed", data[-1]
    assert len(data) == 4


def test_an_engine_that_always_ends_backs_off_longer_each_time_and_says_why(shared, project, tmp_path):
    journal = tmp_path / "starts"
    project.create(engines.stand_in_workload("bot", told=f"exit=3,log=segfault,journal={journal}"))

    def starts() -> list[float]:
        lines = journal.read_text().splitlines() if journal.exists() else []
        return [json.loads(line)["time_ns"] / 1e9 for line in lines]

    wait_until(lambda: len(starts()) >= 2, 30, "a second start")
    assert starts()[1] - starts()[0] >= 9, starts()
    (state,) = wait_until(
        lambda: [e for e in project.status("bot")["replicas"] if "status 3" in (e["reason"] or "")], 10
    )
    assert any("Segfault" in line for line in state["log_tail"]), state
    assert state["restarts"] >= 1
    holds_for(lambda: len(starts()) == 2, 5, "the second back-off is longer than the first")
    status = project.status("bot")
    assert status["cause"] in ("engine_exited", "crash_loop") and status["status_reason"], status

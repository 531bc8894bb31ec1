"""Where a workload runs, and why it does not run where it does not."""

import pytest

from rig import engines
from rig.api import read_phases
from rig.waiting import holds_for, wait_until


def unplaced(project, body: dict) -> dict:
    project.create(body)

    def explained():
        explanation = project.explain(body["slug"])
        return explanation if explanation["workers"] and not explanation["replicas"] else None

    explanation = wait_until(explained, 10, "an explanation")
    holds_for(lambda: not project.explain(body["slug"])["replicas"], 1, "it is placed nowhere")
    return explanation


IMPOSSIBLE = {
    "its engine is missing": ({"backend": "ollama", "config": {}}, ["ollama", "ik doctor"], "engine_missing"),
    "it is pinned to a worker that is not there": ({"worker_id": "wkr_nowhere"}, ["wkr_nowhere"], "no_capacity"),
    "it is pinned to a device that is not there": ({"gpu_resource_id": "GPU-none"}, ["GPU-none"], "no_capacity"),
    "its cache does not fit the memory": (
        {"config": {"command": "vllm serve tiny", "env": {"VLLM_CPU_KVCACHE_SPACE": "100000"}}},
        ["memory"],
        "no_capacity",
    ),
}


@pytest.mark.parametrize(("fields", "told", "cause"), IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_a_workload_that_fits_nowhere_is_accepted_and_explained(shared, project, fields, told, cause):
    body = {**engines.stand_in_workload("bot"), **fields}
    explanation = unplaced(project, body)
    status = project.status("bot")
    assert status["status"] == "pending" and status["status_reason"] and status["cause"] == cause, status
    (worker,) = explanation["workers"]
    assert worker["fits"] is False and worker["refused"] and worker["cause"] == cause, worker
    said = shared.ik("explain", "bot", project=project)
    assert said.returncode == 0, said.stderr
    for words in told:
        assert words in said.stdout, said.stdout
        assert words in worker["refused"], worker
    answer = project.ask("bot")
    assert answer.status_code == 503 and answer.json()["error"]["code"] in ("no_capacity", "workload_not_ready")


@pytest.mark.parametrize("pin", ["id", "name"])
def test_a_pin_to_a_worker_is_obeyed(shared, project, pin):
    (worker,) = shared.operator.get("/api/admin/workers")
    project.create(engines.stand_in_workload("bot", worker_id=worker[pin]))
    (replica,) = project.served("bot", seconds=20)
    assert replica["worker_id"] == worker["id"]
    explanation = project.explain("bot")
    assert explanation["replicas"][0]["worker_id"] == worker["id"] and explanation["status"] == "ready"


def test_a_cordoned_worker_gets_nothing_new_and_keeps_what_it_has(shared, project):
    (worker,) = shared.operator.get("/api/admin/workers")
    project.create(engines.stand_in_workload("before"))
    project.served("before", seconds=20)
    try:
        assert shared.ik("worker", "cordon", worker["name"]).returncode == 0
        explanation = unplaced(project, engines.stand_in_workload("after"))
        assert "cordoned" in explanation["workers"][0]["refused"]
        assert project.ready("before") and project.answers("before")
    finally:
        assert shared.ik("worker", "cordon", worker["name"], "--undo").returncode == 0
    wait_until(lambda: project.ready("after"), 20, "a place after all")


def test_a_workload_of_a_worker_less_platform_waits_and_says_so(new_platform):
    platform = new_platform("--no-worker", "--stop-engines")
    project = platform.project()
    project.create(engines.stand_in_workload("bot"))
    status = wait_until(lambda: project.status("bot") if project.status("bot")["status_reason"] else None, 10)
    assert status["status"] == "pending" and "worker" in status["status_reason"], status
    assert "join-token" in platform.ik("explain", "bot", project=project).stdout


def test_readiness_events_begin_with_now_and_end_with_ready(shared, project):
    project.create(engines.stand_in_workload("bot", told="start_delay=1"))
    phases = read_phases(project, "bot")
    order = ["scheduling", "provisioning", "bootstrapping", "ready"]
    assert phases[-1] == "ready" and phases == sorted(phases, key=order.index), phases
    assert read_phases(project, "bot") == ["ready"]

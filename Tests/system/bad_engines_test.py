"""Engines that cannot run say why, and the platform lives on."""

import socket

import pytest

from rig import engines
from rig.waiting import wait_until


def failed(project, slug: str, cause: str, seconds: float = 30) -> dict:
    def state():
        status = project.status(slug)
        found = status["replicas"]
        return (found[0], status) if found and found[0]["cause"] == status["cause"] == cause else None

    found, status = wait_until(state, seconds, f"the cause {cause}")
    assert status["status_reason"] and status["status"] in ("failed", "starting"), status
    return found


ENGINES = {
    "it exits at once": (engines.stand_in_workload("bot", told="exit=7,log=bye"), "engine_exited", ["7"]),
    "it does not know an option": (
        engines.stand_in_workload("bot", told="exit=2,log=bad_flag"),
        "bad_command",
        ["unrecognized"],
    ),
    "there is no such model on the hub": (
        engines.stand_in_workload("bot", told="exit=1,log=model_not_found"),
        "model_not_found",
        ["not"],
    ),
    "the GPU is too small": (
        engines.stand_in_workload("bot", told="exit=1,log=cuda_oom"),
        "out_of_gpu_memory",
        ["memory"],
    ),
}


@pytest.mark.parametrize(("workload", "cause", "told"), ENGINES.values(), ids=ENGINES.keys())
def test_an_engine_that_cannot_run_says_why(shared, project, workload, cause, told):
    project.create(workload)
    state = failed(project, "bot", cause)
    for words in told:
        assert words in state["reason"], state
    assert state["log_tail"], state
    said = shared.ik("status", "bot", project=project)
    assert said.returncode == 0 and cause in said.stdout and state["log_tail"][-1].strip()[:40] in said.stdout


def test_a_model_file_that_is_missing_is_told_by_a_real_llama_server(project):
    project.create(engines.llama_workload("bot", model="/nowhere/model.gguf"))
    state = failed(project, "bot", "model_not_found")
    assert "/nowhere/model.gguf" in state["reason"] + "".join(state["log_tail"]), state


def test_a_port_that_is_taken_is_named(project):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        project.create(engines.llama_workload("bot", flags=f"--port {port}"))
        state = failed(project, "bot", "port_in_use")
        assert str(port) in state["reason"], state

"""A changed workload is planned, applied and rolled out under a client that never notices."""

from rig import engines, processes
from rig.load import Load
from rig.waiting import wait_until


def test_plan_names_the_change_and_apply_rolls_it_out_under_a_streaming_client(shared, project, tmp_path):
    file = tmp_path / "models.yaml"
    file.write_text(engines.to_yaml(engines.llama_workload("bot"), engines.stand_in_workload("other")))
    applied = shared.ik("apply", "-f", str(file), "--wait", project=project, timeout_s=90)
    assert applied.returncode == 0, applied.stderr
    (old,) = project.ready("bot")
    engine = shared.engine(old["id"])
    other = project.get("other")

    file.write_text(
        engines.to_yaml(engines.llama_workload("bot", flags="--batch-size 256"), engines.stand_in_workload("other"))
    )
    with Load(project, "bot", clients=3, streams=True) as load:
        wait_until(lambda: load.answers >= 5, 60, "streams")
        plan = shared.ik("plan", "-f", str(file), "--detailed-exitcode", project=project)
        assert plan.returncode == 2, plan.stderr
        assert plan.stdout.splitlines()[-1] == "Plan: 0 to create, 1 to change, 0 to delete."
        assert f"~ change {project.slug}/bot" in plan.stdout and "config.command" in plan.stdout
        assert "--batch-size 256" in plan.stdout and "rolling" in plan.stdout
        assert project.get("bot")["revision"] == 1, "a plan changes nothing"

        applied = shared.ik("apply", "-f", str(file), "--wait", project=project, timeout_s=120)
        assert applied.returncode == 0, applied.stderr
        assert project.get("bot")["revision"] == 2
        wait_until(lambda: not processes.is_alive(engine.pid), 60, "the end of the old engine")
        (new,) = wait_until(lambda: project.ready("bot"), 30, "the new replica alone")
        before = load.answers
        wait_until(lambda: load.answers >= before + 5, 60, "streams of the new replica")
    assert not load.failures, load.failures
    assert new["revision"] == 2 and new["id"] != old["id"]
    assert "--batch-size" in processes.command_line(shared.engine(new["id"]).pid)
    assert project.get("other") == {**other, "status": project.get("other")["status"]}, "the other one was touched"
    history = project.revisions("bot")
    assert [change["field"] for change in history[1]["changes"]][0].startswith("config"), history
    assert history[1]["by"], history


def test_a_change_that_no_engine_notices_restarts_none(shared, project):
    project.create(engines.stand_in_workload("bot"))
    (replica,) = project.served("bot", seconds=20)
    engine = shared.engine(replica["id"])
    project.patch("bot", {"description": "words", "name": "Bot"})
    project.served("bot", seconds=10)
    assert shared.engine(replica["id"]) == engine and project.get("bot")["revision"] == 2


def test_a_new_revision_that_never_becomes_ready_leaves_the_old_one_serving(shared, project):
    project.create(engines.stand_in_workload("bot"))
    (old,) = project.served("bot", seconds=20)
    config = engines.stand_in_workload("bot", told="exit=1,log=cuda_oom")["config"]
    project.patch("bot", {"config": config})

    def degraded():
        status = project.status("bot")
        return status if status["status"] == "degraded" and status["cause"] == "out_of_gpu_memory" else None

    status = wait_until(degraded, 20, "degraded, with the reason")
    assert "memory" in status["status_reason"], status
    assert {each["id"] for each in status["replicas"] if each["state"] == "ready"} == {old["id"]}
    assert project.answers("bot")
    # Taking the change back ends the attempt.
    project.patch("bot", {"config": engines.stand_in_workload("bot")["config"]})
    wait_until(lambda: project.ready("bot"), 40, "one ready replica")
    assert project.answers("bot")


def test_requests_in_flight_finish_on_the_old_replica(shared, project):
    project.create(engines.stand_in_workload("bot"))
    project.served("bot", seconds=20)
    with project.openai("bot") as client:
        stream = client.chat.completions.create(
            model="bot",
            messages=[{"role": "user", "content": "x"}],
            max_tokens=250,
            stream=True,
            extra_body={"stand_in": {"tokens": 250, "delay_ms": 100}},
        )
        chunks = [next(iter(stream))]
        config = {**engines.stand_in_workload("bot")["config"], "command": "vllm serve tiny --max-model-len 2048"}
        project.patch("bot", {"config": config})
        wait_until(lambda: [e for e in project.status("bot")["replicas"] if e["intent"] != "run"], 20, "the drain")
        chunks += list(stream)
    assert chunks[-1].choices[0].finish_reason == "length"
    assert len({chunk.system_fingerprint for chunk in chunks}) == 1
    (new,) = wait_until(lambda: project.ready("bot"), 20, "the new replica alone")
    assert new["revision"] == 2

"""What was used is counted on every exit and can be read."""

import json

import openai
import pytest

from rig import engines
from rig.api import QUESTION
from rig.waiting import wait_until


def used(shared, project, **filters) -> dict[tuple[str, str], dict]:
    arguments = [f"--{name}={value}" for name, value in filters.items()]
    answer = shared.ik("usage", "--project", project.slug, "--json", *arguments)
    assert answer.returncode == 0, answer.stderr
    return {(row["workload_slug"], row["key_id"]): row for row in json.loads(answer.stdout)}


def test_finished_streamed_failed_and_cut_calls_are_counted_per_workload_and_key(shared, project):
    project.create(engines.stand_in_workload("bot"))
    project.create(engines.stand_in_workload("other"))
    probe, made = project.new_key()["key"], project.new_key()
    project.served("bot", key=probe)
    project.served("other", key=probe)
    with project.openai("bot", key=made["key"]) as client:

        def ask(**fields):
            return client.chat.completions.create(model="bot", messages=QUESTION, **fields)

        tokens = 0
        for count in range(1, 6):
            answer = ask(extra_body={"stand_in": {"tokens": count}})
            tokens += answer.usage.completion_tokens
        prompt = answer.usage.prompt_tokens
        for count in range(1, 6):
            chunks = list(ask(stream=True, extra_body={"stand_in": {"tokens": count}}))
            assert all(chunk.choices for chunk in chunks), "the usage was asked for by the platform, not by the client"
            tokens += count
        for settings in ({"status": 500}, {"cut": "before_head"}):
            with pytest.raises(openai.APIError):
                ask(extra_body={"stand_in": settings})
        stream = ask(stream=True, extra_body={"stand_in": {"tokens": 500, "delay_ms": 20}})
        for index, _ in enumerate(stream):
            if index == 10:
                break
        stream.close()
    with project.openai("other") as client:
        client.chat.completions.create(model="other", messages=QUESTION, extra_body={"stand_in": {"tokens": 3}})

    row = wait_until(lambda: (r := used(shared, project).get(("bot", made["id"]))) and r["requests"] >= 13 and r, 10)
    assert row["requests"] == 13, row
    assert row["failed_requests"] in (2, 3), row
    # Ten whole answers, and of the one that was left what had come.
    assert tokens + 5 <= row["tokens_out"] <= tokens + 500, (tokens, row)
    assert row["tokens_in"] >= 5 * prompt and row["milliseconds"] > 0, row
    other = wait_until(lambda: used(shared, project, workload="other").get(("other", key_id(project.key))), 10)
    assert other["tokens_out"] == 3, other
    assert set(used(shared, project, key=made["id"])) == {("bot", made["id"])}
    assert used(shared, shared.project()) == {}


def total(platform, project) -> int:
    """Requests with the project's own key."""
    return sum(row["requests"] for (_, key), row in used(platform, project).items() if key == key_id(project.key))


def key_id(key: str) -> str:
    return key.split("_")[2]


def test_usage_survives_kill_9_of_the_platform(new_platform):
    platform = new_platform()
    project = platform.project()
    project.create(engines.stand_in_workload("bot"))
    project.served("bot", key=project.new_key()["key"])
    for _ in range(20):
        assert project.answers("bot")
    wait_until(lambda: total(platform, project) == 20, 10)
    platform.kill()
    platform.start()
    assert total(platform, project) == 20
    wait_until(lambda: project.answers("bot"), 10)
    wait_until(lambda: total(platform, project) >= 21, 10)


def test_refused_calls_are_not_billed(shared, project):
    project.create(engines.stand_in_workload("bot"))
    project.served("bot", key=project.new_key()["key"])
    assert project.ask("bot", model="no-such-model").status_code == 404
    assert project.ask("bot").status_code == 200
    row = wait_until(
        lambda: (r := used(shared, project).get(("bot", key_id(project.key)))) and r["tokens_out"] and r, 10
    )
    assert row["tokens_out"] == 4 and row["requests"] in (1, 2), row

"""The samples of every language against a real platform with a real engine, as its users run them.

Runs only for the languages of IK_TEST_SAMPLES ("c python node go java"): their packages must have been built
(scripts/test-bindings does both).
"""

import os
import subprocess

import pytest

from rig import engines
from rig.waiting import wait_until

LANGUAGES = os.environ.get("IK_TEST_SAMPLES", "").split()


@pytest.fixture(scope="module")
def served(shared):
    """A project with the workload that the samples call when they are told no other."""
    project = shared.project()
    project.create(engines.llama_workload("support-bot"))
    wait_until(lambda: project.ready("support-bot"), 60, "the workload")
    wait_until(lambda: project.answers("support-bot"), 10, "an answer")
    yield project
    project.delete_all()


def run(project, language, name, *words):
    settings = {
        "INFERENCEKEY_BASE_URL": project.base_url,
        "INFERENCEKEY_PROJECT": project.slug,
        "INFERENCEKEY_API_KEY": project.key,
        "INFERENCEKEY_SDK_TOKEN": project.token,
    }
    command = [engines.REPOSITORY / "scripts/run-sample", language, name, *words]
    done = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{language} {name}: {done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_call(served, language):
    assert run(served, language, "basic").strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stream(served, language):
    assert run(served, language, "streaming").strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_error_is_told_apart(served, language):
    kinds = [line.partition(":")[0].lower() for line in run(served, language, "errors").splitlines()]
    wanted = ["validation", "notfound", "network"]
    found = [kind.replace("_", "").replace(" ", "") for kind in kinds]
    assert len(found) == 3 and all(want in kind for want, kind in zip(wanted, found, strict=True)), kinds


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_nothing_to_an_answer_and_back(served, language):
    command = engines.llama_workload("walkthrough")["config"]["command"]
    lines = run(served, language, "walkthrough", "llamacpp", "tiny", command).splitlines()
    assert lines[0] == "plan: create" and lines[-1] == "deleted: true", lines
    assert any(line.startswith("answer: ") for line in lines), lines
    assert "walkthrough" not in [each["slug"] for each in served.all() if each["status"] != "deleting"]

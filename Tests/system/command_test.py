"""The command line: exit codes, JSON that parses, tables without colour when piped, errors that say what to do."""

import json
import os
import pty
import signal
import subprocess

import pytest

from rig import engines
from rig.api import free_port
from rig.installations import program
from rig.waiting import wait_until


@pytest.fixture
def idle(project):
    project.create(engines.idle_workload("bot"))
    return project


def failed(answer, code: int, *told: str) -> None:
    assert answer.returncode == code, (answer.returncode, answer.stderr)
    assert answer.stdout == "" and "rror" in answer.stderr, (answer.stdout, answer.stderr)
    assert engines.without_colour(answer.stderr)
    for words in told:
        assert words in answer.stderr, answer.stderr


UNKNOWN = {
    "get": ["get", "nothing"],
    "status": ["status", "nothing"],
    "explain": ["explain", "nothing"],
    "history": ["history", "nothing"],
    "logs": ["logs", "nothing"],
    "delete": ["delete", "nothing"],
    "wait": ["wait", "nothing", "--timeout", "2s"],
    "a project": ["list", "--project", "no-such-project"],
}


@pytest.mark.parametrize("arguments", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_what_is_not_there_ends_with_3(shared, project, arguments):
    operator = dict(INFERENCEKEY_SDK_TOKEN=None, INFERENCEKEY_OPERATOR_KEY=shared.operator_key)
    failed(shared.ik(*arguments, project=project, **operator), 3)


def test_what_is_not_there_of_the_administration_ends_with_3(shared):
    failed(shared.ik("worker", "show", "nothing"), 3)
    failed(shared.ik("key", "revoke", "ffffffff"), 3)
    failed(shared.ik("project", "delete", "nothing"), 3)


def test_a_wrong_credential_ends_with_4_and_is_not_shown(shared, idle):
    unknown = "ik_sdk_0a1b2c3d_" + "5e" * 32
    answer = shared.ik("list", project=idle, INFERENCEKEY_SDK_TOKEN=unknown)
    failed(answer, 4, "ik_sdk_0a1b2c3d…" if "0a1b2c3d" in answer.stderr else "")
    assert "5e5e" not in answer.stderr
    failed(shared.ik("project", "list", INFERENCEKEY_OPERATOR_KEY="ik_admin_0a1b2c3d_" + "5e" * 32), 4)
    failed(shared.ik("list", "--project", shared.project().slug, project=idle), 4)
    no_key = shared.ik("project", "list", INFERENCEKEY_OPERATOR_KEY=None)
    failed(no_key, 4, "INFERENCEKEY_OPERATOR_KEY")


def test_a_conflict_ends_with_5(shared, idle, tmp_path):
    file = tmp_path / "models.yaml"
    file.write_text(engines.to_yaml(engines.idle_workload("bot", description="other")))
    failed(shared.ik("apply", "-f", str(file), "--on-drift", "fail", project=idle), 5, "description")
    failed(shared.ik("project", "delete", idle.slug), 5)
    assert idle.get("bot")["revision"] == 1


def test_not_ready_in_time_ends_with_6(shared, project, tmp_path):
    project.create(engines.stand_in_workload("bot", told="never_ready"))
    failed(shared.ik("wait", "bot", "--timeout", "2s", project=project), 6, "bot")
    file = tmp_path / "models.yaml"
    file.write_text(engines.to_yaml(engines.stand_in_workload("bot", told="never_ready")))
    assert shared.ik("apply", "-f", str(file), "--wait", "--timeout", "2s", project=project).returncode == 6


def test_a_server_that_cannot_be_reached_ends_with_7(shared, idle):
    nobody = f"http://127.0.0.1:{free_port()}"
    for arguments in (["list"], ["chat", "bot", "hello"], ["status", "bot"]):
        failed(shared.ik(*arguments, project=idle, INFERENCEKEY_BASE_URL=nobody), 7, nobody.removeprefix("http://"))


WRONG = {
    "an unknown command": ["lst"],
    "an unknown option": ["list", "--jsn"],
    "a missing argument": ["get"],
    "a missing file": ["apply"],
    "no workload for a key": ["key", "create", "--project", "x"],
    "a span that is none": ["token", "rotate", "ffffffff", "--overlap", "long"],
    "no project": ["list", "--project", ""],
    "an address that is none": ["list", "--base-url", "nowhere"],
    "a day that is none": ["usage", "--since", "yesterday"],
    "no requests at all": ["key", "create", "--project", "x", "--all-workloads", "--rpm", "0"],
    "an unknown scope": ["token", "create", "--project", "x", "--scope", "workload:reed"],
    "a life of no time": ["token", "create", "--project", "x", "--expires", "0s"],
    "fewer lines than none": ["logs", "bot", "--tail", "-3"],
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG.keys())
def test_wrong_usage_ends_with_64(shared, project, arguments):
    answer = shared.ik(*arguments, project=project, INFERENCEKEY_OPERATOR_KEY=shared.operator_key)
    if arguments[:2] == ["token", "rotate"] and answer.returncode == 3:
        pytest.skip("the id is looked up first")
    failed(answer, 64)


def test_no_project_says_how_to_name_one(shared, project):
    failed(shared.ik("list", project=project, INFERENCEKEY_PROJECT=None), 64, "INFERENCEKEY_PROJECT", "--project")


def test_json_of_every_command_parses_and_has_no_words_around_it(shared, project):
    project.create(engines.stand_in_workload("bot"))
    (replica,) = project.served("bot", seconds=20)
    for arguments in (["get", "bot"], ["list"], ["status", "bot"], ["explain", "bot"], ["history", "bot"]):
        answer = shared.ik(*arguments, "--json", project=project)
        assert answer.returncode == 0, answer.stderr
        assert json.loads(answer.stdout), arguments
    for arguments in (["project", "list"], ["token", "list"], ["key", "list"], ["worker", "list"], ["usage"],
                      ["worker", "show", replica["worker_name"]]):  # fmt: skip
        answer = shared.ik(*arguments, "--json")
        assert answer.returncode == 0, answer.stderr
        assert json.loads(answer.stdout) is not None, arguments
    logs = shared.ik("logs", "bot", "--json", project=project)
    assert logs.returncode == 0, logs.stderr
    assert {json.loads(line)["replica_id"] for line in logs.stdout.splitlines()} == {replica["id"]}
    chat = shared.ik("chat", "bot", "hello", "--json", project=project)
    assert chat.returncode == 0 and len([json.loads(line) for line in chat.stdout.splitlines()]) > 1


def test_tables_and_progress_have_no_colour_when_piped(shared, project, tmp_path):
    file = tmp_path / "models.yaml"
    file.write_text(engines.to_yaml(engines.stand_in_workload("bot", told="start_delay=1")))
    outputs = [shared.ik("apply", "-f", str(file), "--wait", project=project)]
    outputs += [shared.ik(*words, project=project) for words in (["list"], ["status", "bot"], ["explain", "bot"])]
    outputs += [shared.ik("plan", "-f", str(file), project=project), shared.ik("chat", "bot", "hi", project=project)]
    for answer in outputs:
        assert answer.returncode == 0, answer.stderr
        assert engines.without_colour(answer.stdout + answer.stderr) and "\r" not in answer.stdout + answer.stderr
    assert outputs[0].stdout == "" and "ready" in outputs[0].stderr, "words go to stderr, data to stdout"
    assert "bot" in outputs[1].stdout


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_gets_colour_unless_it_says_no(shared, project, tmp_path, variables, coloured):
    file = tmp_path / "models.yaml"
    file.write_text(engines.to_yaml(engines.idle_workload("bot")))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": shared.environment["HOME"],
        "TERM": "xterm-256color",
        "INFERENCEKEY_BASE_URL": shared.base_url,
        "INFERENCEKEY_PROJECT": project.slug,
        "INFERENCEKEY_SDK_TOKEN": project.token,
        **variables,
    }
    controller, terminal = pty.openpty()
    words = [program(), "plan", "-f", str(file)]
    process = subprocess.Popen(words, env=environment, stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    output = b""
    try:
        while piece := os.read(controller, 4096):
            output += piece
    except OSError:
        pass
    assert process.wait(10) == 0 and b"create" in output, output
    assert (b"\x1b[3" in output) is coloured, output


def test_interrupted_ends_with_130(shared, project):
    project.create(engines.stand_in_workload("bot", told="never_ready"))
    environment = {
        "HOME": shared.environment["HOME"],
        "INFERENCEKEY_BASE_URL": shared.base_url,
        "INFERENCEKEY_PROJECT": project.slug,
        "INFERENCEKEY_SDK_TOKEN": project.token,
    }
    process = subprocess.Popen(
        [program(), "wait", "bot"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: process.stderr.readline(), 10, "a line of progress")
    process.send_signal(signal.SIGINT)
    assert process.wait(5) in (130, -signal.SIGINT)
    process.communicate()


def test_logs_can_be_followed(shared, project):
    project.create(engines.stand_in_workload("bot", told="flood=20"))
    project.served("bot", seconds=20)
    environment = {
        "HOME": shared.environment["HOME"],
        "INFERENCEKEY_BASE_URL": shared.base_url,
        "INFERENCEKEY_PROJECT": project.slug,
        "INFERENCEKEY_SDK_TOKEN": project.token,
    }
    with subprocess.Popen(
        [program(), "logs", "bot", "-f", "--tail", "5"], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        numbers = []
        for line in process.stdout:
            if line.strip().startswith("flood"):
                numbers.append(int(line.split()[1]))
            if len(numbers) >= 60:
                break
        process.terminate()
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "lines are missing or doubled"


def test_ids_may_be_shortened(shared, idle):
    whole = idle.get("bot")["id"]
    answer = shared.ik("get", whole[:-4], "--json", project=idle)
    assert answer.returncode == 0 and json.loads(answer.stdout)["id"] == whole, answer.stderr


def test_a_workload_is_waited_for_and_called_by_its_id(shared, project):
    project.create(engines.stand_in_workload("bot"))
    short = project.get("bot")["id"][:-4]
    waited = shared.ik("wait", short, project=project)
    assert waited.returncode == 0, waited.stderr
    project.served("bot", seconds=20)
    answer = shared.ik("chat", short, "hello", project=project)
    assert answer.returncode == 0 and answer.stdout.strip(), answer.stderr
    wait_until(lambda: shared.operator.get("/api/admin/usage", project=project.slug), 20, "usage")
    (row, *_) = shared.operator.get("/api/admin/usage", project=project.slug)
    usage = shared.ik("usage", "--key", row["key_id"][:5], "--json")
    assert {each["key_id"] for each in json.loads(usage.stdout)} == {row["key_id"]}, usage.stderr
    failed(shared.ik("usage", "--key", "zzz"), 3, "zzz")


def test_a_device_that_a_worker_does_not_have_is_not_cordoned(shared):
    (worker,) = shared.operator.get("/api/admin/workers")
    failed(shared.ik("worker", "cordon", worker["name"], "--device", "typo"), 3, "typo", worker["devices"][0]["id"])
    assert shared.operator.get(f"/api/admin/workers/{worker['id']}")["cordoned_devices"] == []


def test_help_has_an_example_first_everywhere(shared):
    for words in ([], ["up"], ["apply"], ["key", "create"], ["worker"], ["worker", "join-token"], ["chat"], ["doctor"]):
        answer = shared.ik(*words, "-h")
        assert answer.returncode == 0 and "ik " in answer.stdout, words
        upper = answer.stdout.upper()
        assert not words or "EXAMPLE" in upper or upper.index("IK ") < upper.index("OPTIONS:"), answer.stdout


def test_version_and_completions(shared):
    assert shared.ik("version").stdout.strip()
    for shell in ("bash", "zsh", "fish"):
        assert "ik" in shared.ik("completion", shell).stdout


def test_doctor_finds_the_engines_and_the_platform(shared):
    answer = shared.ik("doctor", "--data", str(shared.data))
    text = answer.stdout + answer.stderr
    assert "llamacpp" in text and "vllm" in text and str(shared.data) in text, text
    assert json.loads(shared.ik("doctor", "--json", "--data", str(shared.data)).stdout)


def test_delete_asks_the_platform_and_the_workload_goes(shared, idle):
    assert shared.ik("delete", "bot", project=idle).returncode == 0
    wait_until(lambda: idle.all() == [], 5)
    failed(shared.ik("delete", "bot", project=idle), 3)


def test_apply_prune_deletes_only_with_leave(shared, idle, tmp_path):
    file = tmp_path / "models.yaml"
    file.write_text(engines.to_yaml(engines.idle_workload("kept")))
    assert shared.ik("apply", "-f", str(file), project=idle).returncode == 0
    assert {each["slug"] for each in idle.all()} == {"bot", "kept"}
    plan = shared.ik("plan", "-f", str(file), "--prune", project=idle)
    assert plan.stdout.splitlines()[-1] == "Plan: 0 to create, 0 to change, 1 to delete."
    failed(shared.ik("apply", "-f", str(file), "--prune", project=idle), 64, "--yes")
    rehearsed = shared.ik("apply", "-f", str(file), "--prune", "--yes", "--on-drift", "dry_run", project=idle)
    assert rehearsed.returncode == 0 and f"- {idle.slug}/bot: would be deleted" in rehearsed.stderr, rehearsed.stderr
    assert {each["slug"] for each in idle.all()} == {"bot", "kept"}
    assert shared.ik("apply", "-f", str(file), "--prune", "--yes", project=idle).returncode == 0
    wait_until(lambda: {each["slug"] for each in idle.all()} == {"kept"}, 5)


def test_the_first_start_prints_the_address_and_the_next_commands(new_platform):
    platform = new_platform("--stop-engines")
    assert platform.role.output == "ready\n"
    for words in (platform.base_url, "operator.key", "ik project create", "ik apply", "ik key create"):
        assert words in platform.role.words, platform.role.words
    assert platform.operator_key not in platform.role.words


def test_the_openapi_document_names_every_route(shared):
    document = shared.operator.get("/api/openapi.json")
    assert document["openapi"].startswith("3.1")
    for path in ("/api/projects/{project}/workloads", "/api/workloads/{id}", "/api/workloads/{id}/explain"):
        assert path in document["paths"], list(document["paths"])

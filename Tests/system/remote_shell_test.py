"""A control token is not a remote shell, and an engine sees nothing of ours."""

import httpx2 as httpx
import pytest

from rig import engines, installations
from rig.waiting import wait_until

SHELLS = {
    "a shell": "bash -c 'touch {mark}'",
    "a shell by its path": "/bin/sh -c 'touch {mark}'",
    "python": "python3 -c \"open('{mark}', 'w')\"",
    "another module of python": "python -m http.server",
    "env": "env vllm serve tiny",
    "an assignment": "A=b vllm serve tiny",
    "a launcher's name as a folder": "vllm/../../../bin/touch {mark}",
    "a relative path": "./vllm serve tiny",
    "a relative path that climbs": "../vllm serve tiny",
    "a home path": "~/vllm serve tiny",
    "another command of the launcher": "vllm bench serve",
    "the launcher of another backend": "llama-server -m x",
    "a semicolon": "vllm serve tiny; touch {mark}",
    "an ampersand": "vllm serve tiny && touch {mark}",
    "a substitution": "vllm serve `touch {mark}`",
    "a redirection": "vllm serve tiny > {mark}",
}


@pytest.mark.parametrize("command", SHELLS.values(), ids=SHELLS.keys())
def test_only_the_backends_own_launcher_is_run(project, tmp_path, command):
    mark = tmp_path / "mark"
    body = engines.stand_in_workload("bot")
    body["config"] = {"command": command.format(mark=mark)}
    answer = project.api.call("POST", project.path, json=body)
    assert answer.status_code == 400 and "config.command" in answer.json()["fields"], answer.text
    project.create(engines.idle_workload("bot"))
    answer = project.api.call("PATCH", "/api/workloads/bot", json={"config": body["config"]})
    assert answer.status_code == 400 and "config.command" in answer.json()["fields"], answer.text
    assert not mark.exists()


def never_runs(shared, project, body: dict, *told: str) -> None:
    """Refused when declared, or never started with the cause `bad_command`."""
    answer = project.api.call("POST", project.path, json=body)
    if answer.status_code == 400:
        text = answer.text
    else:
        assert answer.status_code == 201, answer.text

        def state():
            found = project.status(body["slug"])["replicas"]
            return found[0] if found and found[0]["cause"] == "bad_command" else None

        replica = wait_until(state, 15, "bad_command")
        assert replica["state"] == "failed" and not shared.engines(replica["id"]), replica
        text = replica["reason"]
    for words in told:
        assert words in text, text


HOSTS = {
    "every address": "vllm serve tiny --host 0.0.0.0",
    "every address, in one word": "vllm serve tiny --host=0.0.0.0",
    "every IPv6 address": "vllm serve tiny --host ::",
    "an empty host": "vllm serve tiny --host ''",
    "two hosts": "vllm serve tiny --host 127.0.0.1 --host 0.0.0.0",
    "a key of its own": "vllm serve tiny --api-key mine",
}


@pytest.mark.parametrize("command", HOSTS.values(), ids=HOSTS.keys())
def test_an_engine_is_never_opened_to_others(shared, project, command):
    body = engines.stand_in_workload("bot")
    body["config"] = {"command": command}
    never_runs(shared, project, body, "config.command")


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_real_llama_server_is_never_opened_to_others(shared, project, host):
    never_runs(shared, project, engines.llama_workload("bot", flags=f"--host {host}"), "--host")


def test_a_launcher_by_its_absolute_path_needs_the_operators_leave(shared, project):
    body = engines.stand_in_workload("bot")
    body["config"] = {"command": f"{engines.stand_in('vllm')} serve tiny"}
    never_runs(shared, project, body, "operator")


def test_with_the_operators_leave_an_absolute_path_runs(new_platform):
    platform = new_platform("--stop-engines", "--absolute-launchers")
    project = platform.project()
    body = engines.stand_in_workload("bot")
    body["config"] = {"command": f"{engines.stand_in('vllm')} serve tiny"}
    project.create(body)
    project.served("bot", seconds=20)


@pytest.mark.parametrize(
    "name", ["PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONSTARTUP", "BASH_ENV", "INFERENCEKEY_REPLICA",
             "VLLM_API_KEY", "HOME", "A=B", "", "A B"],
)  # fmt: skip
def test_a_workload_may_not_set_what_decides_what_runs(shared, project, name):
    body = engines.stand_in_workload("bot")
    body["config"]["env"] = {name: "x"}
    never_runs(shared, project, body, "env")


def test_an_engines_environment_holds_nothing_of_ours_and_nothing_that_is_not_for_it(shared, project):
    body = engines.stand_in_workload("bot")
    body["config"]["env"] = {"STAND_IN": "delay_ms=1", "MY_OWN": "value"}
    project.create(body)
    (replica,) = project.served("bot", seconds=20)
    url = f"http://127.0.0.1:{replica['port']}/stand-in/environment"
    told = httpx.get(url, trust_env=False).json()
    seen = shared.engine(replica["id"]).environment
    for variables in (seen, told.get("environment", told)):
        text = repr(variables)
        for value in [*installations.CANARIES.values(), project.token, project.key, shared.operator_key]:
            assert value not in text
    assert seen["MY_OWN"] == "value" and seen["INFERENCEKEY_REPLICA"] == replica["id"]
    assert seen["HF_HUB_OFFLINE"] == "1"
    allowed = {
        "PATH",
        "HOME",
        "LANG",
        "TMPDIR",
        "DO_NOT_TRACK",
        "INFERENCEKEY_REPLICA",
        "STAND_IN",
        "MY_OWN",
        "SPT_NOENV",
    }
    # What a shell sets for itself on the way to the engine.
    allowed |= {"PWD", "OLDPWD", "SHLVL", "_"}
    families = ("VLLM_", "SGLANG_", "OLLAMA_", "LLAMA_", "HF_", "TORCH_", "OMP_", "CUDA_", "NVIDIA_", "ROCR_", "HIP_")
    strangers = [name for name in seen if name not in allowed and not name.startswith(families)]
    assert not strangers, strangers


def test_what_the_operator_adds_reaches_the_engine(new_platform):
    platform = new_platform("--stop-engines", "--engine-variable", "SITE=here")
    project = platform.project()
    project.create(engines.stand_in_workload("bot"))
    (replica,) = project.served("bot", seconds=20)
    assert platform.engine(replica["id"]).environment["SITE"] == "here"


UNREACHABLE = [
    "metrics",
    "embeddings",
    "load_lora_adapter",
    "stand-in/environment",
    "../stand-in/environment",
    "%2e%2e/stand-in/state",
    "..%2fmetrics",
    "/metrics",
    "chat/completions/../../metrics",
    "models/../../health",
]


def test_only_the_listed_routes_of_an_engine_are_reachable(project):
    project.create(engines.stand_in_workload("bot"))
    project.served("bot", seconds=20)
    for path in UNREACHABLE:
        for method in ("GET", "POST"):
            answer = project.data.call(method, f"/endpoint/{project.slug}/bot/v1/{path}")
            assert answer.status_code in (400, 404, 405), (method, path, answer.text)
            assert answer.json()["error"]["code"], answer.text

"""No secret lies where none may: every one ever shown is searched for in every place. (Each platform is searched at its
end as well.)"""

import os

from conftest import check_secrets
from rig import canaries, engines, processes
from rig.waiting import wait_until


def test_no_secret_is_in_the_database_its_log_the_logs_ps_errors_or_metrics(new_platform):
    platform = new_platform("--stop-engines", "--log-level", "trace")
    project = platform.project()
    project.create(engines.llama_workload("bot"))
    project.create(engines.stand_in_workload("other"))
    wait_until(lambda: project.ready("bot") and project.ready("other"), 30)
    token, key = project.new_token(), project.new_key("bot")
    rotated = platform.operator.post(f"/api/admin/keys/{key['id']}/rotate", {"overlap_seconds": 60})
    platform.witness.secret("rotated key", rotated["key"])
    platform.operator.delete(f"/api/admin/tokens/{token['id']}")
    join = platform.operator.post("/api/admin/join-tokens", {})
    platform.witness.secret("join token", join["token"])
    provoke(platform, project)
    wait_until(lambda: project.answers("bot") and project.answers("other"), 5)
    assert platform.ik("list", project=project).returncode == 0
    assert platform.ik("chat", "bot", "hello", "--max-tokens", "2", project=project).returncode == 0

    found = canaries.needles(platform)
    for kind in (
        "operator key",
        "control token",
        "data key",
        "engine key",
        "installation.secret",
        "gateway.credential",
    ):
        assert any(kind in name for name in found.values()), f"nothing to search for: {kind} in {set(found.values())}"
    places = canaries.places(platform, [])
    assert any(".db" in place for place in places) and any("engine.log" in place for place in places), list(places)
    assert sum(place.startswith("ps ") for place in places) >= 3 and platform.witness.errors
    check_secrets(platform)
    platform.kill()  # with its write-ahead log as it is
    check_secrets(platform)


def provoke(platform, project) -> None:
    """Sends secrets where they do not belong."""
    stray = platform.witness.secret("stray key", "ik_live_deadbeef_" + os.urandom(32).hex())
    for secret in (project.token, project.key, platform.operator_key, stray):
        project.api.call("GET", f"/api/projects/{secret}/workloads")
        project.api.call("GET", f"/api/workloads/{secret}")
        project.api.call("GET", "/api/workloads/bot/status", params={secret: "x"})
        project.api.call("POST", project.path, json={secret: 1, "name": secret})
        project.api.call("POST", project.path, json={**engines.idle_workload("bad"), "description": secret})
        project.api.call("POST", project.path, content=secret.encode())
        project.api.call("GET", project.path, headers={"authorization": f"Basic {secret}"})
        project.api.call("GET", project.path, headers={"authorization": f"Bearer {secret}x"})
        project.data.call("GET", f"/endpoint/{project.slug}/{secret}/v1/models")
        project.data.call("POST", f"/endpoint/{project.slug}/bot/v1/{secret}", json={})
        project.ask("bot", model=secret)
        project.ask("bot", key=secret)
        platform.ik("get", secret, project=project)
        platform.ik("list", project=project, INFERENCEKEY_SDK_TOKEN=secret + "x")


def test_files_of_the_data_folder_are_for_their_owner_only(shared):
    assert os.stat(shared.data).st_mode & 0o777 == 0o700
    for name in ("operator.key", "installation.secret", "gateway.credential", "worker.credential"):
        assert os.stat(shared.data / name).st_mode & 0o777 == 0o600, name
    assert not canaries.open_to_others(shared)


def test_an_engine_listens_on_loopback_only_with_a_key_of_its_own(shared, project):
    import httpx2 as httpx

    project.create(engines.llama_workload("bot", replicas=2))
    replicas = wait_until(lambda: project.ready("bot", 2), 30)
    keys = {shared.engine(each["id"]).environment["LLAMA_API_KEY"] for each in replicas}
    assert len(keys) == 2 and all(len(key) == 64 for key in keys)
    for each in replicas:
        url = f"http://127.0.0.1:{each['port']}/v1/chat/completions"
        assert httpx.post(url, json={"messages": []}, trust_env=False).status_code == 401
        own = shared.engine(each["id"]).environment["LLAMA_API_KEY"]
        (other,) = keys - {own}
        answer = httpx.post(url, json={"messages": []}, headers={"authorization": f"Bearer {other}"}, trust_env=False)
        assert answer.status_code == 401
        assert listening_addresses(each["port"]) == {"0100007F"}, "it listens elsewhere too"
    assert processes.is_alive(shared.pid)


def listening_addresses(port: int) -> set[str]:
    found = set()
    for table in ("tcp", "tcp6"):
        with open(f"/proc/net/{table}", encoding="ascii") as file:
            for line in file.readlines()[1:]:
                address, state = line.split()[1], line.split()[3]
                if state == "0A" and int(address.rpartition(":")[2], 16) == port:
                    found.add(address.rpartition(":")[0])
    return found

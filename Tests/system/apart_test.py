"""Manager, Gateway and worker in processes of their own: what is placed is served, whoever of them is down."""


from rig import engines, processes
from rig.waiting import holds_for, wait_until


def test_without_the_manager_workloads_are_served_also_after_the_gateway_restarts(apart):
    project = apart.project()
    project.create(engines.llama_workload("bot"))
    (replica,) = project.served("bot", seconds=30)
    engine = apart.engine(replica["id"])
    revoked = project.new_key()
    wait_until(lambda: project.ask("bot", key=revoked["key"]).status_code == 200, 5, "the new key")
    apart.operator.delete(f"/api/admin/keys/{revoked['id']}")
    wait_until(lambda: project.ask("bot", key=revoked["key"]).status_code == 401, 5, "the revocation")

    apart.manager.kill()
    holds_for(lambda: project.answers("bot"), 2, "it is served without the Manager")
    assert project.ask("bot", key=revoked["key"]).status_code == 401
    control = project.api.call("GET", project.path)
    assert control.status_code in (502, 503, 504) and control.json()["error"], control.text

    apart.gateway.kill()
    apart.gateway.start(wait=False)
    wait_until(lambda: project.answers("bot"), 10, "an answer of the new Gateway")
    assert project.ask("bot", key=revoked["key"]).status_code == 401
    with project.openai("bot") as client:
        chunks = list(client.chat.completions.create(model="bot", messages=[], max_tokens=8, stream=True))
    assert chunks[-1].choices[0].finish_reason in ("length", "stop")

    apart.manager.start()
    wait_until(apart.is_whole, 30, "all three together")
    project.served("bot", seconds=15)
    assert apart.engine(replica["id"]).pid == engine.pid, "the engine was restarted"
    other = project.new_key()["key"]
    wait_until(lambda: project.ask("bot", key=other).status_code == 200, 5, "a key of the Manager that is back")


def test_an_engine_that_ends_while_the_manager_is_down_is_started_again(apart):
    project = apart.project()
    project.create(engines.llama_workload("bot"))
    (replica,) = project.served("bot", seconds=30)
    apart.manager.kill()
    engine = apart.engine(replica["id"])
    apart.kill_engine(engine)
    wait_until(lambda: [e for e in apart.engines(replica["id"]) if e.pid != engine.pid], 30, "a new engine")
    apart.manager.start()
    project.served("bot", seconds=30)


def test_a_worker_that_is_killed_leaves_its_engines_serving_and_adopts_them(apart):
    project = apart.project()
    project.create(engines.llama_workload("bot"))
    (replica,) = project.served("bot", seconds=30)
    engine = apart.engine(replica["id"])
    apart.worker.kill()
    holds_for(lambda: project.answers("bot"), 2, "it is served without the agent")

    def last_heard() -> str:
        (worker,) = apart.manager_api.get("/api/admin/workers")
        return worker["last_heard_at"]

    before = last_heard()
    apart.worker.start(wait=False)
    wait_until(lambda: last_heard() > before, 20, "the new agent is heard")
    project.served("bot", seconds=20)
    (again,) = project.ready("bot")
    assert again["restarts"] == 0 and apart.engine(replica["id"]) == engine
    assert processes.is_alive(engine.pid)


def test_a_join_token_lets_one_in_once(apart):
    token = apart.manager_api.post("/api/admin/join-tokens", {"role": "worker"})["token"]
    apart.witness.secret("a join token", token)
    join = {"headers": {"authorization": f"Bearer {token}"}, "json": {"name": "second"}}
    first = apart.manager_api.call("POST", "/api/worker/join", **join)
    assert first.status_code == 201, first.text
    apart.witness.secret("a worker's credential", first.json()["credential"])
    assert apart.manager_api.call("POST", "/api/worker/join", **join).status_code == 401
    apart.operator.delete(f"/api/admin/workers/{first.json()['worker_id']}")


def test_a_worker_and_a_gateway_that_were_removed_end_their_work_and_join_anew_with_new_tokens(apart):
    project = apart.project()
    project.create(engines.stand_in_workload("bot"))
    project.served("bot", seconds=20)
    (worker,) = apart.manager_api.get("/api/admin/workers")
    apart.manager_api.delete(f"/api/admin/workers/{worker['id']}?force=true")
    assert apart.worker.ended() == 1 and "refused the join token" in apart.worker.words, "its token was used up"
    assert not apart.engines(), "its engines are stopped first"
    (gateway,) = apart.manager_api.get("/api/admin/gateways")
    apart.gateway.stop()
    apart.manager_api.delete(f"/api/admin/gateways/{gateway['id']}")
    for role in (apart.gateway, apart.worker):
        made = apart.manager_api.post("/api/admin/join-tokens", {"role": role.name})
        role.environment["IK_JOIN"] = apart.witness.secret(f"second join token of the {role.name}", made["token"])
        role.start(wait=False)
    wait_until(apart.is_whole, 30, "both again")
    project.served("bot", seconds=30)

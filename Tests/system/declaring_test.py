"""Declaring the same thing again changes nothing, however many do it at once."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice

from conftest import ENSURES
from rig import engines
from rig.api import Api, Project, Refused, read_phases
from rig.waiting import keeps_promise, wait_until

CLIENTS = 10


def ensure(api: Api, project: Project, body: dict) -> str:
    """What every SDK does: read, create if absent, patch what differs, read again when somebody was faster."""
    for _ in range(50):
        found = api.get(project.path, slug=body["slug"])
        if not found:
            try:
                return api.post(project.path, body)["id"]
            except Refused as refusal:
                assert refusal.status == 409, refusal
                continue
        live = found[0]
        drift = {key: value for key, value in body.items() if live[key] != value}
        if not drift:
            return live["id"]
        try:
            return api.patch(f"/api/workloads/{live['id']}", drift, live["revision"])["id"]
        except Refused as refusal:
            assert refusal.status == 412, refusal
    raise AssertionError("fifty tries were not enough")


def at_once(count: int, work) -> list:
    with ThreadPoolExecutor(CLIENTS) as pool:
        return [future.result() for future in [pool.submit(work, index) for index in range(count)]]


def test_a_hundred_ensures_from_ten_clients_make_one_workload_one_revision_and_one_engine(shared, project, tmp_path):
    journal = tmp_path / "starts"
    body = engines.stand_in_workload("bot", told=f"journal={journal}")
    clients = [Api(shared.base_url, project.token, shared.witness) for _ in range(CLIENTS)]

    ids = at_once(ENSURES, lambda index: ensure(clients[index % CLIENTS], project, body))

    assert len(set(ids)) == 1
    assert [each["id"] for each in project.all()] == [ids[0]]
    assert project.get("bot")["revision"] == 1
    assert [each["revision"] for each in project.revisions("bot")] == [1]
    wait_until(lambda: project.ready("bot"), 20, "the replica")
    assert len(journal.read_text().splitlines()) == 1


def test_creates_of_one_slug_at_once_are_one_created_and_the_others_found(shared, project):
    body = engines.idle_workload("bot")
    answers = at_once(ENSURES, lambda _: project.api.call("POST", project.path, json=body))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] * (ENSURES - 1) + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_a_create_with_another_spec_is_a_conflict_and_changes_nothing(project):
    made = project.create(engines.idle_workload("bot"))
    answer = project.api.call("POST", project.path, json=engines.idle_workload("bot", description="another"))
    assert answer.status_code == 409 and answer.json()["error"] == "conflict", answer.text
    assert answer.headers["x-should-retry"] == "false"
    assert project.get("bot") == {**made, "status": project.get("bot")["status"]} | {
        key: project.get("bot")[key] for key in ("status_reason", "updated_at")
    }


def test_a_patch_of_a_revision_that_is_gone_is_refused(project):
    project.create(engines.idle_workload("bot"))
    assert project.patch("bot", {"description": "one"}, if_match=1)["revision"] == 2
    answer = project.api.call("PATCH", "/api/workloads/bot", json={"description": "two"}, headers={"if-match": '"1"'})
    assert answer.status_code == 412, answer.text
    assert project.get("bot")["description"] == "one" and project.get("bot")["revision"] == 2


def test_changes_at_once_are_all_counted_and_none_is_lost(project):
    project.create(engines.idle_workload("bot"))
    revisions = at_once(40, lambda index: project.patch("bot", {"description": f"text {index}"})["revision"])
    assert sorted(revisions) == list(range(2, 42))
    assert [each["revision"] for each in project.revisions("bot")] == list(range(1, 42))


def test_ik_apply_a_hundred_times_from_ten_terminals_makes_one_revision(shared, project, tmp_path):
    file = tmp_path / "models.yaml"
    file.write_text(engines.to_yaml(engines.idle_workload("bot"), engines.idle_workload("other")))

    answers = at_once(ENSURES, lambda _: shared.ik("apply", "-f", str(file), project=project))

    assert {(answer.returncode, answer.stderr if answer.returncode else "") for answer in answers} == {(0, "")}
    assert {(each["slug"], each["revision"]) for each in project.all()} == {("bot", 1), ("other", 1)}
    plan = shared.ik("plan", "-f", str(file), "--detailed-exitcode", project=project)
    assert plan.returncode == 0, plan.stderr
    assert plan.stdout.splitlines()[-1] == "Plan: 0 to create, 0 to change, 0 to delete."


def test_a_deleted_workload_is_gone_and_can_be_declared_again(shared, project):
    first = project.create(engines.stand_in_workload("bot"))
    (replica,) = project.served("bot", seconds=20)
    engine = shared.engine(replica["id"])
    project.api.delete(f"/api/workloads/{first['id']}")
    assert project.all() == []
    wait_until(lambda: not shared.engines(replica["id"]), 20, f"the end of {engine.pid}")

    def again():
        try:
            return project.create(engines.idle_workload("bot"))
        except Refused as refusal:
            assert refusal.status == 409 and int(refusal.headers["retry-after-ms"]) >= 0, refusal
            return None

    assert wait_until(again, 20, "room for the slug")["id"] != first["id"]


def test_a_workload_that_is_ready_answers_the_first_call(shared, project):
    slugs = (f"bot-{number}" for number in count())

    def five_do() -> None:
        for slug in islice(slugs, 5):
            project.create(engines.stand_in_workload(slug))
            assert read_phases(project, slug)[-1] == "ready"
            answer = project.ask(slug)
            assert answer.status_code == 200, (slug, answer.text)

    keeps_promise(five_do)

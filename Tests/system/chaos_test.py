"""kill -9 of the whole platform at random moments: what was acknowledged is there, once, and engines go on."""

import random
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable

import httpx2 as httpx

from conftest import DECLARES, KILLS
from rig import engines, processes
from rig.api import Api, Refused
from rig.waiting import wait_until

CLIENTS = 8


class Declarer(threading.Thread):
    """Creates its workloads and changes each once, as an SDK does: insists, and reads again when in doubt."""

    def __init__(self, make_api: Callable[[], Api], path: str, slugs: list[str], acknowledged: Callable[[], None]):
        super().__init__(daemon=True)
        self.make_api, self.path, self.slugs, self.acknowledged = make_api, path, slugs, acknowledged
        self.ids: dict[str, str] = {}
        self.failures: list[str] = []
        self.uncertain = 0

    def run(self) -> None:
        try:
            for slug in self.slugs:
                self.ids[slug] = self.insist(lambda api, slug=slug: self.create(api, slug))
                self.acknowledged()
                self.insist(lambda api, slug=slug: self.change(api, slug))
                self.acknowledged()
        except BaseException as problem:  # noqa: BLE001 (told by the test)
            self.failures.append(repr(problem))

    def insist(self, work: Callable[[Api], str]) -> str:
        until = time.monotonic() + 120
        while True:
            api = self.make_api()
            try:
                return work(api)
            except httpx.TransportError as problem:
                self.uncertain += not isinstance(problem, httpx.ConnectError)
            except Refused as refusal:
                # While it goes down or comes up, and nothing else.
                assert refusal.status == 503, refusal
            finally:
                api.close()
            assert time.monotonic() < until, "the platform did not come back"
            time.sleep(0.01)

    def create(self, api: Api, slug: str) -> str:
        made = api.post(self.path, engines.idle_workload(slug))
        return made["id"]

    def change(self, api: Api, slug: str) -> str:
        live = api.get(f"/api/workloads/{self.ids[slug]}")
        if live["description"] == slug:
            assert live["revision"] == 2, live
            return ""
        assert live["revision"] == 1, live
        changed = api.patch(f"/api/workloads/{self.ids[slug]}", {"description": slug}, 1)
        assert changed["revision"] == 2, changed
        return ""


def test_what_was_acknowledged_survives_twenty_kills_and_engines_are_adopted(new_platform):
    platform = new_platform()
    project = platform.project()
    project.create(engines.llama_workload("engine"))
    (replica,) = wait_until(lambda: project.ready("engine"), 30, "the engine")
    engine = platform.engine(replica["id"])
    born = processes.started(engine.pid)

    count, lock = 0, threading.Condition()

    def acknowledged() -> None:
        nonlocal count
        with lock:
            count += 1
            lock.notify_all()

    slugs = [f"w-{index}" for index in range(DECLARES)]
    declarers = [
        Declarer(
            lambda: Api(platform.base_url, project.token, platform.witness, timeout_s=10),
            project.path,
            slugs[index::CLIENTS],
            acknowledged,
        )
        for index in range(CLIENTS)
    ]
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")  # shown when the test fails
    chance = random.Random(seed)
    moments = sorted(chance.sample(range(DECLARES * 2 - CLIENTS), KILLS))
    for declarer in declarers:
        declarer.start()
    recoveries = []
    for moment in moments:
        with lock:
            enough = lock.wait_for(lambda moment=moment: count >= moment or any(d.failures for d in declarers), 120)
        assert enough, f"only {count} of {moment} were acknowledged"
        threading.Event().wait(chance.random() * 0.02)
        platform.kill()
        began = time.monotonic()
        platform.start()
        recoveries.append(time.monotonic() - began)
        assert processes.started(engine.pid) == born, "the engine was restarted"
    for declarer in declarers:
        declarer.join(180)
        assert not declarer.is_alive() and not declarer.failures, (declarer.failures, platform.role.words[-2000:])

    live = [each for each in project.all() if each["slug"] != "engine"]
    assert sorted(each["slug"] for each in live) == sorted(slugs)
    known = {slug: id for declarer in declarers for slug, id in declarer.ids.items()}
    assert {each["slug"]: each["id"] for each in live} == known
    assert {(each["revision"], each["description"] == each["slug"]) for each in live} == {(2, True)}
    for slug in chance.sample(slugs, min(20, len(slugs))):
        assert [each["revision"] for each in project.revisions(slug)] == [1, 2]

    (again,) = wait_until(lambda: project.ready("engine"), 30, "the engine's adoption")
    assert again["id"] == replica["id"] and again["restarts"] == 0
    assert platform.engine(replica["id"]).pid == engine.pid and processes.started(engine.pid) == born
    wait_until(lambda: project.answers("engine"), 10, "an answer")
    uncertain = sum(declarer.uncertain for declarer in declarers)
    print(f"{KILLS} kills, {uncertain} declares cut, back after {max(recoveries):.2f} s at most")
    check_database(platform)


def check_database(platform) -> None:
    """The database is whole after one more kill."""
    platform.kill()
    copy = platform.folder / "copy"
    shutil.copytree(platform.data, copy)
    (database,) = copy.glob("*.db")
    with sqlite3.connect(database) as connection:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    shutil.rmtree(copy)
    platform.start()


def test_kills_while_replicas_start_leave_exactly_the_wanted_engines(new_platform, tmp_path):
    platform = new_platform()
    project = platform.project()
    journal = tmp_path / "starts"
    chance = random.Random(7)
    for round in range(max(3, KILLS // 4)):
        slug = f"bot-{round}"
        project.create(engines.stand_in_workload(slug, replicas=2, told=f"journal={journal},start_delay=0.2"))
        threading.Event().wait(chance.random() * 0.6)
        platform.kill()
        platform.start()
    for round in range(max(3, KILLS // 4)):
        slug = f"bot-{round}"
        ready = wait_until(lambda slug=slug: project.ready(slug, 2), 40, slug)
        assert {len(platform.engines(each["id"])) for each in ready} == {1}
    wanted = {each["id"] for w in project.all() for each in project.status(w["id"])["replicas"]}
    assert {each.replica for each in platform.engines()} == wanted

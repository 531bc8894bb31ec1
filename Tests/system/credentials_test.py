"""The life of a credential: made, used, rotated, expired, revoked; and what each kind may do."""

import json
import time

import pytest

from rig import engines
from rig.api import Api
from rig.waiting import holds_for, keeps_promise, wait_until

REVOCATION_S = 1.0


@pytest.fixture
def bot(project):
    project.create(engines.stand_in_workload("bot"))
    project.served("bot", seconds=20)
    return project


def made(shared, noun: str, project, *arguments: str) -> dict:
    answer = shared.ik(noun, "create", "--project", project.slug, "--json", *arguments)
    assert answer.returncode == 0, answer.stderr
    credential = json.loads(answer.stdout)
    shared.witness.secret(f"{noun} of the command line", credential[noun])
    return credential


def status_of_key(project, key: str) -> int:
    return project.ask("bot", key=key).status_code


def test_a_new_key_works_at_once_and_a_revoked_one_ends_within_a_second(shared, bot):
    def is_made_and_revoked() -> None:
        nonlocal key
        key = made(shared, "key", bot, "--all-workloads", "--name", "test")
        assert status_of_key(bot, key["key"]) == 200
        listed = shared.ik("key", "list", "--project", bot.slug)
        assert key["id"] in listed.stdout and key["key"] not in listed.stdout
        assert shared.ik("key", "revoke", key["id"]).returncode == 0
        revoked = time.monotonic()
        wait_until(lambda: status_of_key(bot, key["key"]) == 401, REVOCATION_S, "the revocation", strict=True)
        print(f"revoked within {time.monotonic() - revoked:.3f} s")

    key: dict = {}
    keeps_promise(is_made_and_revoked)
    holds_for(lambda: status_of_key(bot, key["key"]) == 401, 1, "it stays revoked")
    rows = json.loads(shared.ik("key", "list", "--project", bot.slug, "--json").stdout)
    (row,) = [each for each in rows if each["id"] == key["id"]]
    assert row["status"] == "revoked" and row["revoked_at"] and "key" not in row


def test_a_key_works_as_soon_as_it_was_made(bot):
    def ten_do() -> None:
        assert [status_of_key(bot, bot.new_key()["key"]) for _ in range(10)] == [200] * 10

    keeps_promise(ten_do)


def test_a_rotated_key_and_the_new_one_both_work_for_the_overlap(shared, bot):
    old = made(shared, "key", bot, "--all-workloads")
    began = time.monotonic()
    answer = shared.ik("key", "rotate", old["id"], "--overlap", "10s", "--json")
    assert answer.returncode == 0, answer.stderr
    new = json.loads(answer.stdout)
    shared.witness.secret("the rotated key", new["key"])
    assert new["id"] != old["id"] and new["replaces"] == old["id"] and new["old_expires_at"]
    wait_until(lambda: status_of_key(bot, new["key"]) == 200, 5)
    assert status_of_key(bot, old["key"]) == 200
    wait_until(lambda: status_of_key(bot, old["key"]) == 401, 5, "the end of the overlap")
    assert time.monotonic() - began >= 9
    assert status_of_key(bot, new["key"]) == 200


def test_a_rotation_without_overlap_ends_the_old_one(shared, bot):
    old = bot.new_token()
    new = shared.operator.post(f"/api/admin/tokens/{old['id']}/rotate", {})
    shared.witness.secret("the rotated token", new["token"])
    assert Api(shared.base_url, old["token"], shared.witness).call("GET", bot.path).status_code == 401
    assert Api(shared.base_url, new["token"], shared.witness).call("GET", bot.path).status_code == 200


def test_an_expired_credential_is_refused_on_both_planes(shared, bot):
    began = time.monotonic()
    key, token = bot.new_key(expires_in_seconds=10), bot.new_token(expires_in_seconds=10)
    api = Api(shared.base_url, token["token"], shared.witness)
    wait_until(lambda: status_of_key(bot, key["key"]) == 200, 5)
    assert api.call("GET", bot.path).status_code == 200
    wait_until(lambda: status_of_key(bot, key["key"]) == 401, 10, "the expiry of the key")
    wait_until(lambda: api.call("GET", bot.path).status_code == 401, 10, "the expiry of the token")
    assert time.monotonic() - began >= 9.5
    rows = shared.operator.get("/api/admin/keys", project=bot.slug)
    assert [each["status"] for each in rows if each["id"] == key["id"]] == ["expired"]


def test_an_expiry_in_words_is_a_time(shared, bot):
    assert made(shared, "key", bot, "--all-workloads", "--expires", "30d")["expires_at"]
    answer = shared.ik("key", "create", "--project", bot.slug, "--all-workloads", "--expires", "soon")
    assert answer.returncode == 64 and "--expires" in answer.stderr


def test_a_key_for_one_workload_opens_no_other_and_learns_nothing(shared, bot):
    bot.create(engines.idle_workload("other"))
    key = bot.new_key("bot")["key"]
    wait_until(lambda: status_of_key(bot, key) == 200, 5)
    there, absent = bot.ask("other", key=key), bot.ask("absent", key=key)
    for answer in (there, absent):
        assert answer.status_code == 403 and answer.json()["error"]["code"] == "scope_insufficient", answer.text
    assert there.text.replace("other", "*") == absent.text.replace("absent", "*")
    foreign = shared.project()
    assert foreign.ask("bot", key=key).status_code == 403


def test_a_key_for_all_workloads_opens_later_ones_too(bot):
    bot.create(engines.stand_in_workload("later"))
    wait_until(lambda: bot.ready("later"), 20)
    wait_until(lambda: bot.answers("later"), 5)


def test_what_each_kind_of_credential_may_do(shared, bot):
    foreign = shared.project()
    reader = bot.new_token(scopes=["workload:read"])["token"]
    credentials = {
        "none": None,
        "malformed": "ik_sdk_zz",
        "unknown": "ik_sdk_0a1b2c3d_" + "5e" * 32,
        "live": bot.key,
        "sdk": bot.token,
        "sdk of another project": foreign.token,
        "sdk that reads": reader,
        "admin": shared.operator_key,
    }
    create = engines.idle_workload("made")
    routes = {
        "list": ("GET", bot.path, None),
        "create": ("POST", bot.path, create),
        "get": ("GET", f"/api/workloads/{bot.get('bot')['id']}", None),
        "call": ("GET", f"/endpoint/{bot.slug}/bot/v1/models", None),
        "admin": ("GET", "/api/admin/projects", None),
        "worker": ("GET", "/api/worker/assignment", None),
    }
    refusals = {401: "invalid_credentials", "type": (403, "wrong_credential_type")}
    wrong, scope, other, none = (403, "wrong_credential_type"), (403, "scope_insufficient"), None, (401, refusals[401])
    other = (403, "project_scope_mismatch")
    expected = {
        "none": dict.fromkeys(routes, none),
        "malformed": dict.fromkeys(routes, none),
        # Right in its form, and on the wrong plane: nothing is looked up.
        "unknown": {**dict.fromkeys(routes, none), "call": wrong, "worker": wrong},
        "live": {"list": wrong, "create": wrong, "get": wrong, "call": 200, "admin": 403, "worker": 403},
        "sdk": {"list": 200, "create": 201, "get": 200, "call": wrong, "admin": scope, "worker": 403},
        "sdk of another project": {
            "list": other, "create": other, "get": (403, 404), "call": wrong, "admin": scope, "worker": 403,
        },
        "sdk that reads": {"list": 200, "create": scope, "get": 200, "call": wrong, "admin": scope, "worker": 403},
        "admin": {"list": 200, "create": (200, 201), "get": 200, "call": wrong, "admin": 200, "worker": 403},
    }  # fmt: skip
    for name, credential in credentials.items():
        api = Api(shared.base_url, credential, shared.witness)
        for route, (method, path, body) in routes.items():
            answer = api.call(method, path, json=body)
            want = expected[name][route]
            where = (name, route, answer.status_code, answer.text[:300])
            if isinstance(want, tuple) and isinstance(want[1], str):
                error = answer.json()["error"]
                assert answer.status_code == want[0], where
                assert (error["code"] if route == "call" else error) == want[1], where
            else:
                assert answer.status_code in (want if isinstance(want, tuple) else (want,)), where
            assert answer.headers["x-request-id"], where
            if credential and credential.count("_") == 3:
                assert credential not in answer.text, where


def test_the_last_use_of_a_key_is_shown(shared, bot):
    key = bot.new_key()
    wait_until(lambda: status_of_key(bot, key["key"]) == 200, 5)

    def last_use():
        rows = shared.operator.get("/api/admin/keys", project=bot.slug)
        return [each for each in rows if each["id"] == key["id"] and each["last_used_at"]]

    (row,) = wait_until(last_use, 10, "the last use")
    assert row["last_used_plane"] == "data"


def test_limits_of_a_key_are_kept(shared, bot):
    key = bot.new_key(limits={"rpm": 3})["key"]
    wait_until(lambda: status_of_key(bot, key) == 200, 5)
    answers = [bot.ask("bot", key=key) for _ in range(6)]
    limited = [each for each in answers if each.status_code == 429]
    assert limited and limited[-1].json()["error"]["code"] == "rate_limited"
    assert 0 < int(limited[-1].headers["retry-after-ms"]) <= 120_000
    assert bot.answers("bot"), "another key is not concerned"

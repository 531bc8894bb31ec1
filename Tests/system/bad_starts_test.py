"""Starts that cannot be: an error that names the cause and the next command, and nothing is damaged."""

import socket
import sqlite3

import pytest

from rig.api import free_port


def ends(platform, *told: str) -> str:
    """Starts it, and it ends with an error that says all of this."""
    platform.role.start(wait=False)
    status = platform.role.ended()
    words = platform.role.words
    assert status in (1, 64), (status, words)
    assert "error:" in words and "next:" in words, words
    for text in told:
        assert text in words, words
    assert "ready" not in platform.role.output.splitlines()
    return words


def test_a_port_of_somebody_else_is_named_with_another_to_try(bare):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", bare.port))
        taken.listen()
        ends(bare, f"127.0.0.1:{bare.port}", "--listen")


def test_a_second_platform_on_one_data_folder_is_refused_and_the_first_lives(new_platform, bare):
    first = new_platform("--stop-engines")
    bare.role.arguments = ["up", "--data", str(first.data), "--listen", f"127.0.0.1:{free_port()}"]
    ends(bare, str(first.data))
    assert first.operator.get("/healthz")["status"] == "ok"


def test_a_folder_that_others_share_is_refused_and_left_as_it_is(bare):
    bare.data.mkdir(mode=0o755, parents=True, exist_ok=True)
    bare.data.chmod(0o755)
    (bare.data / "letters").write_text("of somebody else")
    ends(bare, str(bare.data), "open to others")
    assert bare.data.stat().st_mode & 0o777 == 0o755
    assert [each.name for each in bare.data.iterdir()] == ["letters"]


def database_of(platform):
    (found,) = platform.data.glob("*.db")
    return found


def test_a_data_folder_of_a_newer_version_is_refused_and_left_as_it_is(bare):
    bare.start()
    bare.project()
    bare.stop()
    with sqlite3.connect(database_of(bare)) as connection:
        version = connection.execute("pragma user_version").fetchone()[0]
        connection.execute(f"pragma user_version = {version + 1000}")
    connection.close()
    before = database_of(bare).read_bytes()
    words = ends(bare, "newer")
    assert "--data" in words or "install" in words, words
    assert database_of(bare).read_bytes() == before


def test_a_database_that_is_none_is_refused_and_left_as_it_is(bare):
    bare.start()
    bare.stop()
    database = database_of(bare)
    for extra in bare.data.glob(database.name + "-*"):
        extra.unlink()
    database.write_bytes(b"this is no database at all" * 1000)
    ends(bare, database.name)
    assert database.read_bytes() == b"this is no database at all" * 1000


KEYS = {"empty": "", "damaged": "ik_admin_0a1b2c3d_" + "5e" * 8, "another kind": "ik_sdk_0a1b2c3d_" + "5e" * 32}


@pytest.mark.parametrize("content", KEYS.values(), ids=KEYS.keys())
def test_an_operator_key_that_is_none_is_named_and_kept(bare, content):
    bare.start()
    bare.stop()
    (bare.data / "operator.key").write_text(content)
    words = ends(bare, "operator.key")
    assert "5e5e5e" not in words
    assert (bare.data / "operator.key").read_text() == content


def test_an_operator_key_that_cannot_be_read_is_named(bare):
    bare.start()
    bare.stop()
    (bare.data / "operator.key").unlink()
    (bare.data / "operator.key").mkdir()  # also root cannot read a folder
    ends(bare, "operator.key")


def test_a_lost_operator_key_is_made_anew_and_the_old_one_opens_nothing(bare):
    bare.start()
    old = bare.operator
    bare.stop()
    (bare.data / "operator.key").unlink()
    bare.start()
    assert bare.operator.get("/api/admin/projects") == []
    assert old.call("GET", "/api/admin/projects").status_code == 401


WRONG_OPTIONS = {
    "an unknown option": (["up", "--lisen", "127.0.0.1:1"], "--lisen"),
    "an address that is none": (["up", "--listen", "here"], "--listen"),
    "a port that is none": (["up", "--listen", "127.0.0.1:99999"], "--listen"),
    "a file that is not there": (["up", "--config", "/nowhere/ik.yaml"], "/nowhere/ik.yaml"),
    "a folder that is a file": (["up", "--data", "/etc/hostname"], "/etc/hostname"),
    "a gateway without a manager": (["gateway"], "--manager"),
    "a worker without a manager": (["worker"], "--manager"),
    "an unknown command": (["upp"], "upp"),
}


@pytest.mark.parametrize(("arguments", "told"), WRONG_OPTIONS.values(), ids=WRONG_OPTIONS.keys())
def test_a_wrong_option_is_named(bare, arguments, told):
    bare.role.arguments = arguments
    bare.role.start(wait=False)
    status = bare.role.ended()
    assert status in (1, 64) and told in bare.role.words, (status, bare.role.words)


def test_a_wrong_key_of_the_config_file_is_named_with_its_line(bare):
    config = bare.folder / "ik.yaml"
    config.write_text("listen: 127.0.0.1:1\nlog_levle: info\n")
    bare.role.arguments = ["up", "--config", str(config)]
    bare.role.start(wait=False)
    assert bare.role.ended() == 64
    assert "ik.yaml:2" in bare.role.words and "log_level" in bare.role.words, bare.role.words

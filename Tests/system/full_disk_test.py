"""A full disk: writes say so, reads and calls go on, and room heals it."""

import os
import subprocess

import pytest

from rig import engines
from rig.api import refused
from rig.installations import EndedEarly
from rig.waiting import wait_until


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "ik-test", folder], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {made.stderr.strip()} (it takes root)")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_is_told_reads_go_on_and_room_heals_it(bare, small_disk):
    bare.data = small_disk / "data"
    bare.role.arguments = ["up", "--data", str(bare.data), "--listen", f"127.0.0.1:{bare.port}"]
    bare.start()
    project = bare.project()
    project.create(engines.llama_workload("bot"))
    project.served("bot", seconds=30)
    fill = small_disk / "fill"
    with open(fill, "wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass

    acknowledged, refusals = [], []
    for index in range(400):
        answer = project.api.call(
            "POST", project.path, json=engines.idle_workload(f"w-{index}", description="x" * 4000)
        )
        if answer.status_code == 201:
            acknowledged.append(f"w-{index}")
        else:
            refusals.append(answer)
            if len(refusals) == 3:
                break
    assert refusals, "the disk never filled"
    for answer in refusals:
        told = refused(answer, 507, "storage_full")
        assert "disk" in told["message"] or "room" in told["message"] or "space" in told["message"], told
    assert {each["slug"] for each in project.all()} == {"bot", *acknowledged}
    assert project.answers("bot"), "calls need no disk"

    os.truncate(fill, 0)
    wait_until(lambda: project.api.call("POST", project.path, json=engines.idle_workload("after")).is_success, 10)
    bare.kill()
    bare.start()
    assert {each["slug"] for each in project.all()} == {"bot", "after", *acknowledged}
    assert project.ready("bot") or project.served("bot", seconds=20)
    bare.stop()
    bare.end_engines()


def test_a_start_on_a_full_disk_says_so(bare, small_disk):
    bare.data = small_disk / "data"
    bare.role.arguments = ["up", "--data", str(bare.data), "--listen", f"127.0.0.1:{bare.port}"]
    with open(small_disk / "fill", "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * (1 << 20))
        except OSError:
            pass
    try:
        bare.role.start()
    except EndedEarly:
        assert "No space" in bare.role.words or "full" in bare.role.words, bare.role.words
        return
    raise AssertionError("it started on a full disk")

"""Custom backends are published whole or not at all, whatever is killed meanwhile."""

import gzip
import hashlib
import io
import json
import random
import tarfile
import threading

from rig import engines
from rig.installations import Platform
from rig.waiting import wait_until

PUBLISH = ("--task-type", "classification", "--entrypoint", "sentiment:Sentiment")
KILLS = 8


def package(seed: int = 0, filler_bytes: int = 2000) -> bytes:
    """A .tar.gz with a manifest; another seed makes another package."""
    filler = random.Random(seed).randbytes(filler_bytes)
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as archive:
        for name, content in {"manifest.json": b'{"protocol": 1}', "filler": filler}.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def fields(slug: str, version: str) -> dict[str, str]:
    return {
        "name": slug,
        "slug": slug,
        "version": version,
        "task_type": "classification",
        "entrypoint": "sentiment:Sentiment",
    }


def publish(platform: Platform, content: bytes, slug: str, version: str = "1.0.0"):
    return platform.operator.call(
        "POST",
        "/api/tenants/default/custom-backends",
        data=fields(slug, version),
        files={"file": ("p.tar.gz", content, "application/gzip")},
    )


def stored(platform: Platform) -> dict[str, str]:
    """What the platform says it has: hashes by slug and version."""
    listed = platform.operator.get("/api/tenants/default/custom-backends")
    return {f"{each['slug']} {each['version']}": each["sha256"] for each in listed}


def files(platform: Platform) -> set[str]:
    folder = platform.data / "packages"
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_the_command_publishes_lists_and_refuses(shared, project, tmp_path):
    path = tmp_path / "sentiment.tar.gz"
    path.write_bytes(package(1))
    command = ("backend", "publish", str(path), "--slug", "sentiment", "--version", "1.0.0", *PUBLISH)

    answer = shared.ik(*command, "--json")
    assert answer.returncode == 0, answer.stderr
    made = json.loads(answer.stdout)
    assert made["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert made["size_bytes"] == path.stat().st_size and made["entrypoint"] == "sentiment:Sentiment"
    assert (shared.data / "packages" / f"{made['sha256']}.tar.gz").read_bytes() == path.read_bytes()

    again = shared.ik(*command, project=project)
    assert again.returncode == 0 and again.stdout.strip() == made["id"], again.stderr
    assert "published before" in again.stderr and "\x1b" not in again.stderr

    listed = json.loads(shared.ik("backend", "list", "--slug", "sentiment", "--json").stdout)
    assert listed == [made]
    assert "classification" in shared.ik("backend", "list").stdout

    path.write_bytes(package(2))
    conflict = shared.ik(*command)
    assert conflict.returncode == 5 and "another package" in conflict.stderr, conflict.stderr
    builtin = shared.ik(*("vllm" if word == "sentiment" else word for word in command))
    assert builtin.returncode == 1 and "built-in" in builtin.stderr, builtin.stderr
    path.write_bytes(b"no gzip")
    assert "no gzip" in shared.ik(*command[:-6], "--version", "2", *PUBLISH).stderr
    missing = shared.ik("backend", "publish", str(tmp_path / "nothing"), *command[3:])
    assert missing.returncode == 1 and "cannot be read" in missing.stderr

    refused = project.api.call("POST", project.path, json={**engines.idle_workload("mine"), "backend": "sentiment"})
    assert refused.status_code == 400 and "its package is stored" in refused.json()["fields"]["backend"]


def test_a_large_package_goes_through_the_gateway_in_pieces(new_platform, tmp_path):
    """64 MB, and neither side holds it in memory."""
    platform = new_platform()
    path = tmp_path / "large.tar.gz"
    path.write_bytes(package(3, filler_bytes=64 << 20))
    before = peak_kilobytes(platform.pid)
    answer = platform.ik(
        "backend", "publish", str(path), "--slug", "large", "--version", "1", *PUBLISH, "--json", timeout_s=120
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert peak_kilobytes(platform.pid) - before < 32 << 10, "the platform held the package in memory"


def peak_kilobytes(pid: int) -> int:
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def test_kill_9_during_publishing_loses_nothing_acknowledged(new_platform):
    platform = new_platform()
    acknowledged: dict[str, str] = {}
    attempts = 0
    lock = threading.Lock()
    over = threading.Event()

    def keep_publishing(publisher: int) -> None:
        nonlocal attempts
        number = 0
        while not over.is_set():
            number += 1
            slug, version = f"backend-{publisher}", f"1.0.{number}"
            # Some are of the same bytes as others, which share a file.
            content = package(number % 3 if publisher else 1000 + number, filler_bytes=400_000)
            try:
                answer = publish(platform, content, slug, version)
            except Exception:  # noqa: BLE001 (the platform is being killed)
                answer = None
            with lock:
                attempts += 1
                if answer is not None and answer.status_code in (200, 201):
                    acknowledged[f"{slug} {version}"] = hashlib.sha256(content).hexdigest()

    publishers = [threading.Thread(target=keep_publishing, args=(number,)) for number in range(2)]
    for thread in publishers:
        thread.start()
    try:
        for kill in range(KILLS):
            with lock:
                wanted = len(acknowledged) + 2 + random.randrange(4)
            wait_until(lambda: len(acknowledged) >= wanted, 30)
            platform.kill()
            platform.start()
    finally:
        over.set()
        for thread in publishers:
            thread.join()

    platform.kill()
    platform.start()
    found = stored(platform)
    lost = {name: sha for name, sha in acknowledged.items() if found.get(name) != sha}
    assert not lost, f"{len(lost)} of {len(acknowledged)} acknowledged are not there"
    assert files(platform) == {f"{sha}.tar.gz" for sha in found.values()}, "a file without a record, or the reverse"
    for sha in set(found.values()):
        content = (platform.data / "packages" / f"{sha}.tar.gz").read_bytes()
        assert hashlib.sha256(content).hexdigest() == sha
    print(f"measured: {len(acknowledged)} of {attempts} acknowledged over {KILLS} kills, {len(found)} stored")

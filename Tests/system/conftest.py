"""The platforms that the tests run on; when one ends, nothing of it is left and none of its secrets lies about."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import pytest

from rig import canaries, engines, installations, processes
from rig.api import Project
from rig.installations import Installation, Platform, PlatformApart
from rig.waiting import wait_until

# Sizes of the long tests. The defaults are the sizes that are promised.
KILLS = int(os.environ.get("IK_TEST_KILLS", "20"))
DECLARES = int(os.environ.get("IK_TEST_DECLARES", "500"))
ENSURES = int(os.environ.get("IK_TEST_ENSURES", "100"))


# The languages' packages are built after these tests (scripts/test-bindings): their samples run then.
collect_ignore = [] if os.environ.get("IK_TEST_SAMPLES") else ["samples_test.py"]


def pytest_sessionstart(session: pytest.Session) -> None:
    program = installations.program()
    if not os.access(program, os.X_OK):
        raise pytest.UsageError(f"there is no program {program}: build it (swift build), or set IK_BINARY to one")


def check_secrets(platform: Installation) -> None:
    """Fails if a secret of the platform lies where none may."""
    metrics = []
    for url in {platform.base_url, getattr(platform, "manager_url", platform.base_url)}:
        try:
            metrics.append(installations.Api(url, None, platform.witness).call("GET", "/metrics").text)
        except Exception:  # noqa: BLE001 (it may be down; its files are searched all the same)
            pass
    assert not canaries.leaks(platform, metrics)
    assert not canaries.open_to_others(platform)


def end(platform: Installation, *, leaves_engines: bool) -> None:
    """The orderly end: secrets searched, stopped, and with `--stop-engines` nothing left over."""
    platform.start_missing()
    check_secrets(platform)
    platform.stop()
    if not leaves_engines:
        assert not platform.left_over(), "engines outlived --stop-engines"


@contextmanager
def ending(platform: Installation, *, leaves_engines: bool) -> Iterator[None]:
    """Ends the platform in an orderly way when all went well, and in any case ends every process of it."""
    try:
        yield
        end(platform, leaves_engines=leaves_engines)
    finally:
        for role in platform.roles:
            role.kill()
        platform.end_engines()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory):
    """One `ik up` for all tests that leave it as it was: a real llama-server, the stand-in for vLLM."""
    platform = Platform(tmp_path_factory.mktemp("shared") / "p", engines.small_engines(), "--stop-engines")
    with ending(platform, leaves_engines=False):
        yield platform.start()


@pytest.fixture
def project(shared: Platform):
    """A project of one test on the shared platform; its workloads end with the test."""
    project = shared.project()
    yield project
    leave(shared, project)


def leave(platform: Installation, project: Project) -> None:
    """Deletes the project's workloads, and no engine of them is left."""
    replicas = {each["id"] for workload in project.all() for each in project.status(workload["id"])["replicas"]}
    project.delete_all()
    wait_until(lambda: not [e for e in platform.engines() if e.replica in replicas], 60, "the end of the engines")


@pytest.fixture
def new_platform(tmp_path: Path):
    """Makes platforms of a test's own: `new_platform("--stop-engines", programs=…)`, started."""
    with ExitStack() as stack:
        made = count()

        def make(*options: str, programs: dict[str, str] | None = None, **more) -> Platform:
            folder = tmp_path / f"platform-{next(made)}"
            platform = Platform(folder, programs or engines.small_engines(), *options, **more)
            stack.enter_context(ending(platform, leaves_engines="--stop-engines" not in options))
            return platform.start()

        yield make


@pytest.fixture
def apart(tmp_path: Path):
    """Manager, Gateway and worker in processes of their own."""
    platform = PlatformApart(tmp_path / "apart", engines.small_engines())
    with ending(platform, leaves_engines=True):
        yield platform.start()


@pytest.fixture
def bare(tmp_path: Path):
    """A folder, links to engines and a clean environment, nothing started; what is started here is ended here."""
    platform = Platform(tmp_path / "bare", engines.small_engines())
    try:
        yield platform
    finally:
        platform.role.kill()
        platform.end_engines()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A last look: no process of any platform of this session is alive."""
    mine = {os.getpid()}
    left = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if pid not in mine and _is_ours(pid)]
    if left:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print(f"\nprocesses of this test run are left: {left}")


def _is_ours(pid: int) -> bool:
    variables = processes.environment(pid)
    return processes.is_alive(pid) and variables.get(processes.RUN) in installations.RUNS

"""Platforms in processes of their own, with a clean environment and planted canaries."""

import os
import signal
import subprocess
import uuid
from pathlib import Path

from . import engines, processes
from .api import Api, Project, Witness, free_port
from .waiting import wait_until

READY_S = 30
RUNS: set[str] = set()  # the marks of every platform of this session
STOP_S = 60

# Nothing of this may be seen by an engine, or anywhere else.
CANARIES = {
    "AWS_SECRET_ACCESS_KEY": "canary0aws0secret0access0key",
    "INFERENCEKEY_CANARY": "canary0inferencekey",
    "IK_CANARY": "canary0ik",
    "DATABASE_URL": "postgres://user:canary0database@localhost/x",
}


def program() -> str:
    path = Path(os.environ.get("IK_BINARY") or engines.REPOSITORY / ".build/debug/ik")
    return str(path.resolve())


class Role:
    """One process of the program: started, waited for, signalled by its own pid."""

    def __init__(self, name: str, arguments: list[str], environment: dict[str, str], logs: Path):
        self.name, self.arguments, self.environment, self.logs = name, arguments, environment, logs
        self.process: subprocess.Popen | None = None
        self.starts = 0

    @property
    def pid(self) -> int:
        assert self.process is not None, f"{self.name} was not started"
        return self.process.pid

    @property
    def output(self) -> str:
        return (self.logs / f"{self.name}.{self.starts}.out").read_text()

    @property
    def words(self) -> str:
        return (self.logs / f"{self.name}.{self.starts}.err").read_text()

    def start(self, wait: bool = True, extra: list[str] | None = None) -> "Role":
        self.starts += 1
        files = [open(self.logs / f"{self.name}.{self.starts}.{kind}", "wb") for kind in ("out", "err")]
        self.process = subprocess.Popen(
            [program(), *self.arguments, *(extra or [])],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=files[0],
            stderr=files[1],
            start_new_session=True,
        )
        for file in files:
            file.close()
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self) -> None:
        def has_answered() -> bool:
            return "ready" in self.output.splitlines() or self.process.poll() is not None

        try:
            wait_until(has_answered, READY_S, f"'ready' of {self.name}")
        except AssertionError as problem:
            raise AssertionError(f"{problem}\n{self.words[-3000:]}") from None
        if self.process.poll() is not None:
            raise EndedEarly(f"{self.name} ended with {self.process.returncode}: {self.words[-2000:]}")

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """kill -9, and the process is gone."""
        if self.is_running:
            os.kill(self.pid, signal.SIGKILL)
            self.process.wait()

    def terminate(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    def ended(self, seconds: float = STOP_S) -> int:
        """The exit status, waited for. The drain of a Gateway takes up to 30 s: who ends sooner is given less."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            words = self.words[-3000:]
            self.kill()
            raise AssertionError(f"{self.name} did not end within {seconds:g} s:\n{words}") from None

    def stop(self) -> int:
        self.terminate()
        return self.ended()


class EndedEarly(Exception):
    pass


class Installation:
    """What every kind of platform has: a folder, a mark on all of its processes, an address, an operator."""

    def __init__(self, folder: Path, programs: dict[str, str], environment: dict[str, str] | None = None):
        self.folder = folder
        self.run = uuid.uuid4().hex
        RUNS.add(self.run)
        self.witness = Witness()
        self.logs = folder / "logs"
        self.logs.mkdir(parents=True)
        self.data = folder / "data"
        self.programs = engines.folder_of_links(folder / "engines", programs)
        home = folder / "home"
        home.mkdir()
        self.environment = {
            "PATH": engines.clean_path(self.programs),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "HF_HUB_OFFLINE": "1",
            "VLLM_NO_USAGE_STATS": "1",
            "DO_NOT_TRACK": "1",
            processes.RUN: self.run,
            **CANARIES,
            **(environment or {}),
        }
        for name, value in CANARIES.items():
            self.witness.secret(name, value)
        self.port = free_port()
        self._projects = 0
        self._apis: dict[tuple[str, str | None], Api] = {}

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def operator_key(self) -> str:
        return self.witness.secret("operator key", (self.data / "operator.key").read_text().strip())

    @property
    def operator(self) -> Api:
        return self.api(self.base_url, self.operator_key)

    def api(self, base_url: str, credential: str | None) -> Api:
        """The caller with that credential; one connection pool for each."""
        return self._apis.setdefault((base_url, credential), Api(base_url, credential, self.witness))

    def project(self, name: str = "p") -> Project:
        self._projects += 1
        return Project(self.operator, f"{name}-{self._projects}", self.witness)

    # --- Its processes.

    def engines(self, replica: str | None = None) -> list[processes.Process]:
        return processes.engines(self.run, replica)

    def engine(self, replica: str) -> processes.Process:
        """The one engine process of a replica."""
        found = self.engines(replica)
        assert len(found) == 1, f"{len(found)} processes of replica {replica}"
        return found[0]

    def kill_engine(self, process: processes.Process) -> None:
        processes.kill(process, self.run)

    def end_engines(self) -> None:
        """Ends what a test left running on purpose."""
        for process in processes.of_run(self.run):
            processes.kill(process, self.run)
        wait_until(lambda: not processes.of_run(self.run), 10, "the end of the engines")

    def left_over(self) -> list[str]:
        return [f"{each.pid}: {' '.join(processes.command_line(each.pid))}" for each in processes.of_run(self.run)]

    # --- The command line.

    def ik(self, *arguments: str, project: Project | None = None, timeout_s: float = 60, **environment: str | None):
        """Runs a client command; stdout and stderr are pipes."""
        variables = {
            "PATH": self.environment["PATH"],
            "HOME": self.environment["HOME"],
            "LANG": "C.UTF-8",
            "INFERENCEKEY_BASE_URL": self.base_url,
        }
        if project:
            variables |= {"INFERENCEKEY_PROJECT": project.slug, "INFERENCEKEY_SDK_TOKEN": project.token}
            variables |= {"INFERENCEKEY_API_KEY": project.key}
        elif "INFERENCEKEY_OPERATOR_KEY" not in environment:
            variables |= {"INFERENCEKEY_OPERATOR_KEY": self.operator_key}
        for name, value in environment.items():
            if value is None:
                variables.pop(name, None)
            else:
                variables[name] = value
        answer = subprocess.run(
            [program(), *arguments],
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            cwd=self.folder,
        )
        if answer.returncode:
            self.witness.error(answer.stderr)
        return answer


class Platform(Installation):
    """`ik up`: everything in one process."""

    def __init__(
        self, folder: Path, programs: dict[str, str], *options: str, environment: dict[str, str] | None = None
    ):
        super().__init__(folder, programs, environment)
        arguments = ["up", "--data", str(self.data), "--listen", f"127.0.0.1:{self.port}", *options]
        self.role = Role("up", arguments, self.environment, self.logs)

    @property
    def roles(self) -> list[Role]:
        return [self.role]

    def start_missing(self) -> None:
        if not self.role.is_running:
            self.role.start()

    @property
    def pid(self) -> int:
        return self.role.pid

    def start(self, *extra: str) -> "Platform":
        self.role.start(extra=list(extra))
        return self

    def kill(self) -> None:
        self.role.kill()

    def stop(self) -> None:
        """SIGTERM, an orderly end with status 0, and with `--stop-engines` nothing left."""
        status = self.role.stop()
        assert status == 0, f"ik up ended with {status}: {self.role.words[-2000:]}"


class PlatformApart(Installation):
    """Manager, Gateway and worker as three processes. Clients call the Gateway's port."""

    def __init__(self, folder: Path, programs: dict[str, str]):
        super().__init__(folder, programs)
        self.manager_port = free_port()
        self.manager_url = f"http://127.0.0.1:{self.manager_port}"
        self.manager = self._role("manager", ["--listen", f"127.0.0.1:{self.manager_port}"], self.data)
        self.gateway = self._role("gateway", ["--listen", f"127.0.0.1:{self.port}"], folder / "gateway-data")
        self.worker = self._role("worker", [], folder / "worker-data")

    @property
    def roles(self) -> list[Role]:
        return [self.manager, self.gateway, self.worker]

    def start_missing(self) -> None:
        for role in self.roles:
            if not role.is_running:
                role.start(wait=False)
        wait_until(self.is_whole, READY_S, "all three together")

    def _role(self, name: str, arguments: list[str], data: Path) -> Role:
        return Role(name, [name, "--data", str(data), *arguments], self.environment, self.logs)

    def start(self) -> "PlatformApart":
        self.manager.start()
        for role in (self.gateway, self.worker):
            made = self.manager_api.post("/api/admin/join-tokens", {"role": role.name})
            token = self.witness.secret(f"join token of the {role.name}", made["token"])
            role.environment = {**role.environment, "IK_JOIN": token}
            role.arguments += ["--manager", self.manager_url]
            role.start(wait=False)
        wait_until(self.is_whole, READY_S, "a Gateway and a worker that are live")
        return self

    def is_whole(self) -> bool:
        return all(
            [each["status"] for each in self.manager_api.get(f"/api/admin/{kind}")] == ["live"]
            for kind in ("gateways", "workers")
        )

    @property
    def manager_api(self) -> Api:
        return self.api(self.manager_url, self.operator_key)

    def stop(self) -> None:
        for role in (self.worker, self.gateway, self.manager):
            if role.is_running:
                status = role.stop()
                assert status == 0, f"{role.name} ended with {status}: {role.words[-2000:]}"

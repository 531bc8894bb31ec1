"""The servers that are compared: the engine itself, nginx before it, and the platform before it."""

import http.client
import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass, field

from . import processes

CHAT = "/v1/chat/completions"


@dataclass
class Target:
    """Where a server answers chat requests."""

    port: int
    path: str = CHAT
    token: str = ""


class Server:
    """One server under test. `json` and `stream` say where to send load; `pids` whose CPU and memory count."""

    name = ""
    json: Target
    stream: Target

    def pids(self) -> list[int]:
        return []

    def stop(self) -> None:
        pass


class Engine(Server):
    """The engine alone: what the loader reaches without anything between."""

    name = "direct"

    def __init__(self, rig: str, folder: str):
        self.port, log = processes.free_port(), f"{folder}/engine.log"
        self.process = processes.start([f"{rig}/engine", "--port", str(self.port)], processes.LOAD_CORE, log)
        processes.wait_for_port(self.port, self.process, log)
        self.json = self.stream = Target(self.port)

    def stop(self) -> None:
        processes.stop(self.process)


class Nginx(Server):
    name = "nginx"

    def __init__(self, rig_sources: str, folder: str, engine_port: int):
        values = {
            "FOLDER": folder,
            "ENGINE_PORT": engine_port,
            "JSON_PORT": processes.free_port(),
            "STREAM_PORT": processes.free_port(),
        }
        with open(f"{rig_sources}/nginx.conf", encoding="utf-8") as file:
            text = file.read()
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        with open(f"{folder}/nginx.conf", "w", encoding="utf-8") as file:
            file.write(text)
        log, program = f"{folder}/nginx.log", shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        self.process = processes.start(
            [program, "-c", f"{folder}/nginx.conf", "-e", f"{folder}/nginx-error.log"], processes.SERVER_CORE, log
        )
        processes.wait_for_port(values["STREAM_PORT"], self.process, log)
        self.json, self.stream = Target(values["JSON_PORT"]), Target(values["STREAM_PORT"])

    def pids(self) -> list[int]:
        return processes.children(self.process.pid)

    def stop(self) -> None:
        processes.stop(self.process)


@dataclass
class Platform(Server):
    """`ik up` with one workload, whose engine is the rig's, called by the name of llama-server."""

    program: str
    rig: str
    folder: str
    project: str = "bench"
    workload: str = "bench"
    name: str = field(default="ik", init=False)

    def __post_init__(self):
        self.port, self.data = processes.free_port(), f"{self.folder}/ik-data"
        # A copy, not a link: the engine under the platform is told from the rig's own by its file.
        self.engine = f"{self.folder}/bin/llama-server"
        os.makedirs(os.path.dirname(self.engine), exist_ok=True)
        shutil.copy(f"{self.rig}/engine", self.engine)
        self.environment = {
            **os.environ,
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
            "INFERENCEKEY_BASE_URL": f"http://127.0.0.1:{self.port}",
        }
        self.control_token = self.data_key = ""
        self._start()
        try:
            self._wait_until_it_serves()
            self._make_credentials()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        self.log = f"{self.folder}/ik.log"
        command = [self.program, "up", "--data", self.data, "--listen", f"127.0.0.1:{self.port}"]
        self.process = processes.start(command, processes.SERVER_CORE, self.log, self.environment)

    def _wait_until_it_serves(self) -> None:
        processes.wait_for_port(self.port, self.process, self.log, 60)
        until = time.monotonic() + 60
        while self.call("GET", "/readyz")[0] != 200:
            if time.monotonic() > until:
                raise RuntimeError(f"ik is not ready after 60 s; see {self.log}")
            time.sleep(0.05)

    def _make_credentials(self) -> None:
        with open(f"{self.data}/operator.key", encoding="ascii") as file:
            self.environment["INFERENCEKEY_OPERATOR_KEY"] = file.read().strip()
        self._ik("project", "create", self.project)
        self.control_token = self._ik_json("token", "create", "--project", self.project)["token"]
        self.data_key = self._ik_json("key", "create", "--project", self.project, "--all-workloads")["key"]

    def serve_workload(self) -> None:
        """Declares the workload of the load cases and waits until it answers. Its engine goes to the loader's core."""
        self.declare(self.workload)
        self.wait_until_ready(self.workload)
        for pid in processes.running(self.engine):
            processes.pin(pid, processes.LOAD_CORE)
        self.json = self.stream = Target(self.port, f"/endpoint/{self.project}/{self.workload}{CHAT}", self.data_key)

    def declare(self, slug: str, **fields) -> str:
        """Creates a workload and returns its id."""
        status, body = self.call("POST", f"/api/projects/{self.project}/workloads", self.spec(slug, **fields))
        if status not in (200, 201):
            raise RuntimeError(f"declaring {slug} was answered {status}: {body[:500]!r}")
        return json.loads(body)["id"]

    def spec(self, slug: str, replicas: int = 1, environment: dict | None = None) -> dict:
        config = {"command": "llama-server --alias bench"}
        if environment:
            config["env"] = environment
        return {
            "name": slug,
            "slug": slug,
            "backend": "llamacpp",
            "model_name": "bench",
            "config": config,
            "execution_policy": "fixed",
            "execution_policy_config": {"replicas": replicas},
        }

    def wait_until_ready(self, slug: str, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while True:
            workload = json.loads(self.call("GET", f"/api/projects/{self.project}/workloads?slug={slug}")[1])[0]
            if workload["status"] == "ready":
                return
            if time.monotonic() > until:
                raise RuntimeError(
                    f"workload {slug} is {workload['status']} ({workload['status_reason']}) after {seconds:.0f} s"
                )
            time.sleep(0.02)

    def call(self, method: str, path: str, body=None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"content-type": "application/json"}
            if self.control_token:
                headers["authorization"] = f"Bearer {self.control_token}"
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            return response.status, response.read()
        except OSError:
            return 0, b""
        finally:
            connection.close()

    def pids(self) -> list[int]:
        return processes.children(self.process.pid)

    def stop(self) -> None:
        processes.stop(self.process, 30)
        for pid in processes.running(self.engine):
            os.kill(pid, 9)

    def _ik(self, *words: str) -> str:
        result = subprocess.run([self.program, *words], env=self.environment, capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(f"ik {' '.join(words)} failed with status {result.returncode}: {result.stderr}")
        return result.stdout

    def _ik_json(self, *words: str) -> dict:
        return json.loads(self._ik(*words, "--json"))

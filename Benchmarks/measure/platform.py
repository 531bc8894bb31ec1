"""The platform and its Gateway as servers under test."""

import http.client
import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass, field

from . import processes
from .servers import CHAT, PARALLEL, QUEUE, QUEUE_MS, Server, Target

# High enough never to be reached, low enough to be taken: what they cost is measured, not what they refuse.
RATE, CONCURRENCY = 1_000_000_000, 100_000
LIMITS = {"requests_per_minute": RATE, "tokens_per_minute": RATE, "concurrency": CONCURRENCY}


@dataclass
class Platform(Server):
    """`ik up` with workloads whose engine is the rig's, called by the name of llama-server."""

    program: str
    rig: str
    folder: str
    project: str = "bench"
    workload: str = "bench"
    crowded: str = "busy"
    name: str = "ik"
    options: list[str] = field(default_factory=list)
    # The program of the rig that its workloads run.
    rig_engine: str = "engine"

    def __post_init__(self):
        self.port, self.data = processes.free_port(), f"{self.folder}/{self.name}-data"
        # A copy, not a link: the engine under the platform is told from others by its file.
        self.engine = f"{self.folder}/{self.name}-bin/llama-server"
        os.makedirs(os.path.dirname(self.engine), exist_ok=True)
        shutil.copy(f"{self.rig}/{self.rig_engine}", self.engine)
        self.environment = {
            **os.environ,
            "PATH": f"{os.path.dirname(self.engine)}:{os.environ['PATH']}",
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
        self.log = f"{self.folder}/{self.name}.log"
        command = [self.program, "up", "--data", self.data, "--listen", f"127.0.0.1:{self.port}", *self.options]
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
        limits = ["--rpm", str(RATE), "--tpm", str(RATE), "--concurrency", str(CONCURRENCY)]
        self.data_key = self._ik_json("key", "create", "--project", self.project, "--all-workloads", *limits)["key"]

    def serve_workload(self) -> None:
        """Declares the workload of the load cases and waits until it is ready."""
        self.serve(self.workload, limits=LIMITS)
        self.json = self.stream = self.target(self.port, self.workload)

    def serve_crowded(self) -> None:
        """The same for the overload case: its engine has few places, and few requests may wait for one."""
        queue = {"length": QUEUE, "max_wait_ms": QUEUE_MS}
        limits = {"replica_concurrency": PARALLEL, "queue": queue}
        self.serve(self.crowded, limits=limits, words=f" --parallel {PARALLEL}")
        self.busy = self.target(self.port, self.crowded)

    def serve(self, slug: str, **fields) -> None:
        """Declares a workload and waits until it is ready. Its engines go to the loader's core."""
        self.declare(slug, **fields)
        self.wait_until_ready(slug)
        for pid in processes.running(self.engine):
            processes.pin(pid, processes.LOAD_CORE)

    def target(self, port: int, slug: str) -> Target:
        return Target(port, f"/endpoint/{self.project}/{slug}{CHAT}", self.data_key)

    def join_token(self, role: str) -> str:
        return self._ik_json("worker", "join-token", "--role", role)["token"]

    def declare(self, slug: str, **fields) -> str:
        """Creates a workload and returns its id."""
        status, body = self.call("POST", f"/api/projects/{self.project}/workloads", self.spec(slug, **fields))
        if status not in (200, 201):
            raise RuntimeError(f"declaring {slug} was answered {status}: {body[:500]!r}")
        return json.loads(body)["id"]

    def spec(
        self,
        slug: str,
        replicas: int = 1,
        environment: dict | None = None,
        limits: dict | None = None,
        routing: dict | None = None,
        words: str = "",
    ) -> dict:
        config = {"command": f"llama-server --alias bench{words}"}
        if environment:
            config["env"] = environment
        if limits:
            config["limits"] = limits
        if routing:
            config["routing"] = routing
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

    def version(self) -> str:
        return self._ik("version").strip()

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

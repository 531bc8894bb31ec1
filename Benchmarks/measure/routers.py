"""Other gateways for models, each from an environment of its own: ENVIRONMENTS/NAME/bin."""

import http.client
import json
import os
import subprocess
import time

from . import processes
from .servers import CHAT, Server, Target

_REQUEST = {"model": "bench", "messages": [{"role": "user", "content": "x"}]}


class Router(Server):
    """Started at once, waited for later: some need half a minute to come up."""

    package = ""
    is_slow = True
    token = ""

    def __init__(self, environments: str, folder: str, *engine_ports: int):
        self.bin, self.folder = f"{environments}/{self.name}/bin", folder
        self.engines = [f"http://127.0.0.1:{port}" for port in engine_ports]
        self.port, self.log = processes.free_port(), f"{folder}/{self.name}.log"
        self.json = self.stream = Target(self.port, token=self.token)
        command, added = self.command(), self.environment()
        self.configuration = " ".join(
            [*(f"{name}={value}" for name, value in added.items()), os.path.basename(command[0]), *command[1:]]
        )
        self.process = processes.start(command, processes.SERVER_CORE, self.log, {**os.environ, **added})

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        raise NotImplementedError

    def wait_until_it_answers(self) -> None:
        """It listens before it knows its engine: ready is who answers a request."""
        until = time.monotonic() + 90
        processes.wait_for_port(self.port, self.process, self.log, 90)
        while (status := self._ask()) != 200:
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError(f"{self.name} answers {status}; see {self.log}")
            time.sleep(0.2)

    def _ask(self) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            headers = {"content-type": "application/json", "authorization": f"Bearer {self.token}"}
            connection.request("POST", CHAT, json.dumps(_REQUEST), headers)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def version(self) -> str:
        code = f"import importlib.metadata as m; print(m.version('{self.package or self.name}'))"
        return subprocess.run([f"{self.bin}/python", "-c", code], capture_output=True, text=True).stdout.strip()

    def pids(self) -> list[int]:
        return processes.children(self.process.pid)

    def stop(self) -> None:
        processes.stop(self.process, 5)


class _Shepherd(Router):
    """smg and its forerunner take the same words. Nothing that costs time and is not needed is on."""

    policy = ("round_robin", "--disable-retries", "--disable-circuit-breaker", "--max-concurrent-requests", "100000")

    def command(self) -> list[str]:
        return [
            *(f"{self.bin}/{self.name}", "launch", "--host", "127.0.0.1", "--port", str(self.port)),
            *("--worker-urls", *self.engines, "--policy", *self.policy, "--log-level", "error"),
            *("--prometheus-host", "127.0.0.1", "--prometheus-port", str(processes.free_port())),
        ]

    def environment(self) -> dict[str, str]:
        return {"TOKIO_WORKER_THREADS": "1"}


class Smg(_Shepherd):
    name = "smg"


class CacheAwareSmg(Smg):
    """With its policy for prompts that begin alike, and all else as it comes."""

    policy = ("cache_aware",)


class SglangRouter(_Shepherd):
    name = "sglang-router"


class LiteLLM(Router):
    name, token, keeps_events, held_streams = "litellm", "sk-bench", False, 100

    def command(self) -> list[str]:
        path = f"{self.folder}/litellm.yaml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(self._settings())
        return [
            *(f"{self.bin}/litellm", "--config", path, "--host", "127.0.0.1", "--port", str(self.port)),
            *("--num_workers", "1", "--telemetry", "False"),
        ]

    def _settings(self) -> str:
        parameters = {"model": "openai/bench", "api_base": f"{self.engines[0]}/v1", "api_key": "none"}
        return json.dumps(
            {
                "model_list": [{"model_name": "bench", "litellm_params": parameters}],
                "litellm_settings": {"callbacks": [], "telemetry": False, "num_retries": 0, "request_timeout": 3600},
                "general_settings": {"master_key": self.token},
            }
        )

    def environment(self) -> dict[str, str]:
        return {"LITELLM_LOG": "ERROR", "LITELLM_TELEMETRY": "False", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}

"""Which servers take part, and in which cases."""

import os
import sys

from . import processes
from .gateway import Gateway
from .platform import Platform
from .proxies import HAProxy, Nginx, program
from .routers import LiteLLM, SglangRouter, Smg
from .servers import Engine, Server

EVERY_ROUND = (
    *("whole_answers", "streams", "single_events", "paced_streams", "third_of_load", "new_connections"),
    "slow_clients",
)
ONCE = ("memory", "open_streams", "three_times")
PROXIES = {"nginx": Nginx, "haproxy": HAProxy}
ROUTERS = {"smg": Smg, "sglang-router": SglangRouter, "litellm": LiteLLM}
RIVALS = (*PROXIES, *ROUTERS)
_CASES_OF_SLOW = ("whole_answers", "streams", "memory", "open_streams")


def takes(case: str, server: Server) -> bool:
    if server.is_slow:
        return case in _CASES_OF_SLOW
    if case == "third_of_load":
        return server.name != "direct"
    if case == "slow_clients":
        return server.name in ("ik", "nginx")
    if case == "three_times":
        return server.busy is not None
    # The engine alone has no memory that could be counted.
    return bool(server.pids()) if case in ("memory", "open_streams") else True


class Lineup:
    """Starts the servers, and remembers who could not take part and why."""

    def __init__(self, servers: list[Server], skipped: dict[str, str]):
        # Grows while they start: whoever made it stops them, however far this came.
        self.servers, self.skipped = servers, skipped
        self.platform: Platform | None = None
        self.engine: Engine | None = None

    def start(self, rig: str, rig_sources: str, folder: str, ik: str | None, environments: str, rivals, cases) -> None:
        engine = self.engine = Engine(rig, folder)
        self.servers.append(engine)
        for name in rivals:
            if name in ROUTERS:
                self._start_router(name, environments, folder, engine.port, cases)
            elif not program(name):
                self.skip(name, "its program is not installed")
            else:
                self.servers.append(PROXIES[name](rig_sources, folder, engine.port))
        if ik:
            self._start_platform(ik, rig, folder)
        for server in list(self.servers):
            try:
                server.wait_until_it_answers()
            except RuntimeError as problem:
                if not server.is_slow:
                    raise
                self.skip(server.name, str(problem))
                self.servers.remove(server)
                server.stop()
        self.servers.sort(key=lambda server: server.is_slow)

    def engine_pids(self) -> list[int]:
        """The engine behind the proxies, and those behind the Gateway."""
        behind_platform = processes.running(self.platform.engine) if self.platform else []
        return [self.engine.process.pid, *behind_platform]

    def skip(self, name: str, reason: str) -> None:
        self.skipped[name] = reason
        print(f"{name} is left out: {reason}", file=sys.stderr)

    def _start_router(self, name: str, environments: str, folder: str, engine_port: int, cases) -> None:
        if not any(case in _CASES_OF_SLOW for case in cases):
            return
        if not os.path.exists(f"{environments}/{name}/.packages"):
            return self.skip(name, "its Python packages are not installed")
        self.servers.append(ROUTERS[name](environments, folder, engine_port))

    def _start_platform(self, ik: str, rig: str, folder: str) -> None:
        self.platform = Platform(ik, rig, folder, name="ik up")
        self.servers.append(self.platform)
        self.platform.serve_workload()
        self.platform.serve_crowded()
        self.servers.remove(self.platform)
        self.servers.insert(0, self.platform)
        self.servers.append(Gateway(self.platform))

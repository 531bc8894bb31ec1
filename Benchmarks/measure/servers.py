"""What every server under test has in common; the engine itself, and what takes spans."""

import os
import sys
from dataclasses import dataclass

from . import processes

CHAT = "/v1/chat/completions"
# Of the engine behind the overload case: so many requests at a time, each worked on for so long.
PARALLEL, WORK_US = 32, 20_000
# What may wait for it, and how long: shorter than the patience of the clients.
QUEUE, QUEUE_MS = 64, 400


@dataclass
class Target:
    """Where a server answers chat requests."""

    port: int
    path: str = CHAT
    token: str = ""


class Server:
    """One server under test: where to send load, whose CPU and memory count, how it is set up."""

    name = ""
    json: Target
    stream: Target
    # In front of the engine with few places; None where a server has no such limit.
    busy: Target | None = None
    # Slow ones get small loads and only the cases that they can do.
    is_slow = False
    # Passes events on as they came; others make new ones, whose number is not checked.
    keeps_events = True
    held_streams = 1000
    configuration = ""

    def wait_until_it_answers(self) -> None:
        pass

    def version(self) -> str:
        return ""

    def pids(self) -> list[int]:
        return []

    def stop(self) -> None:
        pass


class Engine(Server):
    """The engine alone: what the loader reaches without anything between."""

    name = "direct"
    configuration = f"the rig's engine alone, {PARALLEL} places for requests that take time"

    def __init__(self, rig: str, folder: str):
        self.port, log = processes.free_port(), f"{folder}/engine.log"
        command = [f"{rig}/engine", "--port", str(self.port), "--parallel", str(PARALLEL)]
        self.process = processes.start(command, processes.LOAD_CORE, log)
        processes.wait_for_port(self.port, self.process, log)
        self.json = self.stream = self.busy = Target(self.port)

    def version(self) -> str:
        return "of this repository"

    def stop(self) -> None:
        processes.stop(self.process)


class PrefixEngine(Server):
    """One of many engines that read slowly and keep what they have read."""

    name = "engine"

    def __init__(self, rig: str, folder: str):
        self.port, log = processes.free_port(), f"{folder}/engine.log"
        command = [f"{rig}/prefix_engine", "--port", str(self.port)]
        self.process = processes.start(command, processes.LOAD_CORE, log)
        processes.wait_for_port(self.port, self.process, log)

    def stop(self) -> None:
        processes.stop(self.process)


class Collector(Server):
    """Takes spans and forgets them, on the loader's core."""

    name = "collector"

    def __init__(self, folder: str):
        self.port, log = processes.free_port(), f"{folder}/collector.log"
        command = [sys.executable, "-B", f"{os.path.dirname(__file__)}/collector.py", str(self.port)]
        self.process = processes.start(command, processes.LOAD_CORE, log)
        processes.wait_for_port(self.port, self.process, log)

    def stop(self) -> None:
        processes.stop(self.process)

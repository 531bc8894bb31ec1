"""Looks at processes through /proc. Signals only go to processes that a test of this run started."""

import os
import signal
from dataclasses import dataclass

RUN = "LLAMA_SYSTEM_TEST"  # of a family that engines inherit, so that it marks every process of one run
REPLICA = "INFERENCEKEY_REPLICA"


@dataclass(frozen=True)
class Process:
    pid: int
    environment: dict[str, str]

    @property
    def replica(self) -> str | None:
        return self.environment.get(REPLICA)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def environment(pid: int) -> dict[str, str]:
    pairs = (entry.partition("=") for entry in _read(f"/proc/{pid}/environ").decode("utf-8", "replace").split("\0"))
    return {name: value for name, _, value in pairs if name}


def command_line(pid: int) -> list[str]:
    return [word for word in _read(f"/proc/{pid}/cmdline").decode("utf-8", "replace").split("\0") if word]


def _stat(pid: int) -> list[str]:
    # The name stands in brackets and may hold anything: what follows the last bracket is fields 3 and on.
    return _read(f"/proc/{pid}/stat").decode("utf-8", "replace").rpartition(")")[2].split()


def is_alive(pid: int) -> bool:
    fields = _stat(pid)
    return bool(fields) and fields[0] not in ("Z", "X")


def started(pid: int) -> str:
    """A pid together with this is one process for ever."""
    fields = _stat(pid)
    return fields[19] if len(fields) > 19 else ""


def resident_bytes(pid: int) -> int:
    for line in _read(f"/proc/{pid}/status").decode().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def is_asleep(pid: int) -> bool:
    """Whether every thread of the process waits for something, at this moment."""
    threads = os.listdir(f"/proc/{pid}/task")
    states = [_read(f"/proc/{pid}/task/{thread}/stat").decode("utf-8", "replace").rpartition(")")[2] for thread in threads]
    return all(state.split()[:1] == ["S"] for state in states)


def of_run(run: str) -> list[Process]:
    """Every living process that carries the mark of the run, engines and all."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and is_alive(int(name)):
            variables = environment(int(name))
            if variables.get(RUN) == run:
                found.append(Process(int(name), variables))
    return found


def engines(run: str, replica: str | None = None) -> list[Process]:
    """The run's engine processes, of one replica or of all, oldest first."""
    found = [each for each in of_run(run) if each.replica and replica in (None, each.replica)]
    return sorted(found, key=lambda each: (int(started(each.pid) or 0), each.pid))


def kill(process: Process, run: str, number: int = signal.SIGKILL) -> None:
    """Signals one process of the run; never one whose mark is another by now."""
    if environment(process.pid).get(RUN) == run:
        os.kill(process.pid, number)

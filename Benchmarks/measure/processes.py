"""What Linux knows of processes: CPU time, memory, children; and starting them on one core."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

LOAD_CORE, SERVER_CORE = 0, 1
_TICK = os.sysconf("SC_CLK_TCK")


def take_place(core: int, real_time: bool = False) -> None:
    """One core for this process, and before all others there where that is allowed (root): less is disturbed."""
    os.sched_setaffinity(0, {core})
    _go_first(0)
    _session_goes_first(os.getpid())
    if real_time:
        _schedule(0, os.SCHED_FIFO)


def _go_first(thread: int) -> None:
    try:
        os.setpriority(os.PRIO_PROCESS, thread, -20)
    except PermissionError:
        pass


def _session_goes_first(pid: int) -> None:
    """Where the kernel shares a core between sessions first (autogroups), a priority counts within one only."""
    try:
        with open(f"/proc/{pid}/autogroup", "w", encoding="ascii") as file:
            file.write("-20")
    except OSError:
        pass


@contextmanager
def real_time(pids: list[int]) -> Iterator[None]:
    """They run whenever they can, where that is allowed (root); else the kernel lets anything have a core for 3 ms.

    Only for loads that leave time to the rest of the machine.
    """
    try:
        for pid in pids:
            _schedule_all(pid, os.SCHED_FIFO)
        yield
    finally:
        for pid in pids:
            _schedule_all(pid, os.SCHED_OTHER)


def _schedule_all(pid: int, policy: int) -> None:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except FileNotFoundError:
        return
    for thread in threads:
        _schedule(int(thread), policy)


def _schedule(thread: int, policy: int) -> None:
    """Where that is not allowed, or the thread has ended, nothing changes."""
    try:
        os.sched_setscheduler(thread, policy, os.sched_param(os.sched_get_priority_min(policy)))
    except OSError:
        pass


def start(command: list[str], core: int, log: str, environment: dict | None = None, **options) -> subprocess.Popen:
    return subprocess.Popen(
        command,
        stdout=open(log, "ab"),
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        env=environment,
        **placed(core),
        **options,
    )


def placed(core: int, real_time: bool = False) -> dict:
    """In a session of its own: what it is given there, the one of this program is not."""
    return {"preexec_fn": lambda: take_place(core, real_time), "start_new_session": True}


def stop(process: subprocess.Popen, seconds: float = 15) -> None:
    """Asks it to end, and ends its whole process group when it does not."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def run_json(command: list[str], real_time: bool = False) -> dict:
    """Runs a loader on its core and reads the JSON of its last line."""
    result = subprocess.run(command, capture_output=True, text=True, **placed(LOAD_CORE, real_time))
    lines = result.stdout.strip().splitlines()
    if not lines or not lines[-1].startswith("{"):
        raise RuntimeError(
            f"{command[0]} failed with status {result.returncode}:\n{result.stdout[-800:]}{result.stderr[-800:]}"
        )
    return json.loads(lines[-1])


def _stat(pid: int) -> list[str]:
    with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
        return file.read().rpartition(")")[2].split()


def children(pid: int) -> list[int]:
    """The process and its children that run the same program (nginx's workers), not what it supervises."""
    program, found = _program(pid), [pid]
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            if int(_stat(int(name))[1]) == pid and _program(int(name)) == program:
                found.append(int(name))
        except OSError:
            pass
    return found


def _program(pid: int) -> str:
    return os.readlink(f"/proc/{pid}/exe")


def running(program: str) -> list[int]:
    """All processes of that program file."""
    found = []
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            if _program(int(name)) == program:
                found.append(int(name))
        except OSError:
            pass
    return found


def pin(pid: int, core: int) -> None:
    """The same for every thread of a process that runs: a worker gives its engines no priority of its own."""
    _session_goes_first(pid)
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            os.sched_setaffinity(int(thread), {core})
            _go_first(int(thread))
        except ProcessLookupError:
            pass


def cpu_seconds(pids: list[int]) -> float:
    """User and system time of the processes with all their threads, since their start."""
    total = 0
    for pid in pids:
        fields = _stat(pid)
        total += int(fields[11]) + int(fields[12])
    return total / _TICK


def pss_mb(pids: list[int]) -> float:
    """Proportional resident memory in MiB."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    return total / 1024


def open_files(pids: list[int]) -> int:
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids)


def steal_share(before: list[int], after: list[int]) -> float:
    """The share of time that the machine's owner took away between two readings of cpu_times()."""
    spent = [now - then for now, then in zip(after, before)]
    return spent[7] / max(1, sum(spent))


def idle_share(before: list[int], after: list[int]) -> float:
    spent = [now - then for now, then in zip(after, before)]
    return spent[3] / max(1, sum(spent))


def cpu_times() -> list[int]:
    with open("/proc/stat", encoding="ascii") as file:
        return [int(value) for value in file.readline().split()[1:9]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port: int, process: subprocess.Popen, log: str, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    with open(log, encoding="utf-8", errors="replace") as file:
        raise RuntimeError(f"nothing listens on port {port}; the log says:\n{file.read()[-2000:]}")

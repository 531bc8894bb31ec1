"""Memory of a virtual machine that its host does not take back while something is measured."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# More than the sockets of all slow clients hold.
MOST_MIB, SHARE = 4096, 0.25


@contextmanager
def held(rig: str) -> Iterator[None]:
    """A share of the free memory stays free and in the machine: see rig/hold_memory.c."""
    mebibytes = min(MOST_MIB, int(SHARE * _free_mib()))
    process = subprocess.Popen([f"{rig}/hold_memory", str(mebibytes)], stdout=subprocess.PIPE)
    try:
        if not process.stdout.readline():
            print("free memory could not be kept in the machine: the host's taking it is measured too", file=sys.stderr)
        yield
    finally:
        process.kill()
        process.communicate()


def _free_mib() -> int:
    with open("/proc/meminfo", encoding="ascii") as file:
        free = next(int(line.split()[1]) for line in file if line.startswith("MemAvailable:")) // 1024
    try:
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as file:
            return min(free, int(file.read()) >> 20)
    except (OSError, ValueError):
        # No control group, or one without a limit.
        return free

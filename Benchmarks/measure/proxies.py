"""nginx and HAProxy as reverse proxies of one process on one core."""

import os
import shutil
import subprocess

from . import processes
from .servers import PARALLEL, QUEUE, QUEUE_MS, Server, Target

_PLACES = f"{os.environ['PATH']}:/usr/sbin:/sbin"


def program(name: str) -> str | None:
    """Daemons lie where the PATH of a plain user does not look."""
    return shutil.which(name, path=_PLACES)


class Proxy(Server):
    """Started with a file of the rig's whose @NAMES@ are filled in."""

    file = ""

    def __init__(self, rig_sources: str, folder: str, *engine_ports: int):
        ports = {name: processes.free_port() for name in ("JSON_PORT", "STREAM_PORT", "BUSY_PORT")}
        limits = {"PARALLEL": PARALLEL, "QUEUE": QUEUE, "QUEUE_MS": QUEUE_MS}
        values = {"FOLDER": folder, "ENGINE_PORT": engine_ports[0], **ports, **limits}
        values["ENGINES"] = " ".join(f"server 127.0.0.1:{port};" for port in engine_ports)
        with open(f"{rig_sources}/{self.file}", encoding="utf-8") as source:
            text = source.read()
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        self.path, self.folder, self.configuration = f"{folder}/{self.file}", folder, text
        with open(self.path, "w", encoding="utf-8") as target:
            target.write(text)
        log = f"{folder}/{self.name}.log"
        self.process = processes.start(self.command(), processes.SERVER_CORE, log)
        processes.wait_for_port(ports["STREAM_PORT"], self.process, log)
        self.json, self.stream = Target(ports["JSON_PORT"]), Target(ports["STREAM_PORT"])
        self.busy = Target(ports["BUSY_PORT"])

    def command(self) -> list[str]:
        raise NotImplementedError

    def version(self) -> str:
        said = subprocess.run([program(self.name), "-v"], capture_output=True, text=True)
        return (said.stdout + said.stderr).strip().splitlines()[0]

    def pids(self) -> list[int]:
        return processes.children(self.process.pid)

    def stop(self) -> None:
        processes.stop(self.process)


class Nginx(Proxy):
    name, file = "nginx", "nginx.conf"

    def command(self) -> list[str]:
        return [program(self.name), "-c", self.path, "-e", f"{self.folder}/nginx-error.log"]


class HashingNginx(Nginx):
    """Shares requests out by a hash of the tenant that a header names."""

    file = "nginx-hash.conf"


class HAProxy(Proxy):
    name, file = "haproxy", "haproxy.cfg"

    def command(self) -> list[str]:
        return [program(self.name), "-db", "-f", self.path]

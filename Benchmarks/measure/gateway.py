"""The Gateway as a server under test."""

import http.client
import shutil
import time

from . import processes
from .platform import Platform
from .servers import PARALLEL, QUEUE, QUEUE_MS, Server


class Gateway(Server):
    """A Gateway process of its own, joined to the platform: what is compared with other proxies."""

    name = "ik"

    def __init__(self, platform: Platform):
        self.platform, self.port = platform, processes.free_port()
        # A copy shares no memory with the platform's own process: all that it takes is counted.
        program, data = f"{platform.folder}/ik-gateway", f"{platform.folder}/gateway-data"
        shutil.copy(platform.program, program)
        command = [program, "gateway", "--data", data, "--listen", f"127.0.0.1:{self.port}"]
        command += ["--manager", f"http://127.0.0.1:{platform.port}"]
        self.log = f"{platform.folder}/gateway.log"
        environment = {**platform.environment, "IK_JOIN": platform.join_token("gateway")}
        self.process = processes.start(command, processes.SERVER_CORE, self.log, environment)
        self.configuration = (
            "ik gateway; key with limits of requests, tokens and concurrency, workload likewise, usage booked; "
            f"workload '{platform.crowded}': replica_concurrency {PARALLEL}, queue of {QUEUE} for {QUEUE_MS} ms"
        )

    def wait_until_it_answers(self) -> None:
        processes.wait_for_port(self.port, self.process, self.log, 60)
        self.json = self.stream = self.platform.target(self.port, self.platform.workload)
        self.busy = self.platform.target(self.port, self.platform.crowded)
        until = time.monotonic() + 60
        while (status := self._ask()) != 200:
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError(f"the Gateway answers {status}; see {self.log}")
            time.sleep(0.05)

    def _ask(self) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            headers = {"content-type": "application/json", "authorization": f"Bearer {self.json.token}"}
            connection.request("POST", self.json.path, "{}", headers)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def version(self) -> str:
        return self.platform.version()

    def pids(self) -> list[int]:
        return processes.children(self.process.pid)

    def stop(self) -> None:
        processes.stop(self.process, 30)

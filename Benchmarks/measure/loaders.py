"""The programs that make load, and what they say."""

import json

from . import processes
from .servers import Server


def request(content: int = 20, stream: bool = False, **words) -> str:
    """A chat request. What the rig's engine shall do stands in `user`, which every proxy passes on."""
    body = {"model": "bench", "messages": [{"role": "user", "content": "x" * content}]}
    if stream:
        body["stream"] = True
    if words:
        body["user"] = " ".join(f"{name}={value}" for name, value in words.items())
    return json.dumps(body, separators=(",", ":"))


class Loaders:
    def __init__(self, rig: str, rig_sources: str, folder: str):
        self.rig, self.lua, self.body_file = rig, f"{rig_sources}/post.lua", f"{folder}/request.json"
        with open(self.body_file, "w", encoding="ascii") as file:
            file.write(request(content=900))

    def wrk(self, server: Server, seconds: float) -> dict:
        """1 KB requests over 32 connections, as fast as they are answered."""
        target = server.json
        url, duration = f"http://127.0.0.1:{target.port}", f"-d{max(1, round(seconds))}s"
        words = ["post", target.path, target.token, self.body_file]
        load = ["wrk", "-t1", "-c32", duration, "--timeout", "20s", "-s", self.lua, url]
        return processes.run_json([*load, "--", *words])

    def streams_command(self, server: Server, streams: int, words: dict) -> list[str]:
        command = [*self._command("sse_load", server.stream), "--streams", str(streams)]
        return [*command, "--body", request(stream=True, **words)]

    def streams(self, server: Server, streams: int, words: dict, *more: str, real_time: bool = False) -> dict:
        result = processes.run_json([*self.streams_command(server, streams, words), *more], real_time)
        if result["broken"]:
            raise RuntimeError(f"{server.name}: {result['broken']} of {result['streams']} streams did not arrive whole")
        return result

    def requests(
        self, target, connections: int, seconds: float, *more: str, body: str | None = None, real_time: bool = False
    ) -> dict:
        command = [*self._command("request_load", target), "--connections", str(connections)]
        command += ["--seconds", f"{seconds:g}", "--body", body or request(content=900)]
        return processes.run_json([*command, *more], real_time)

    def slow_command(self, server: Server, heads: int, bodies: int, readers: int, words: dict) -> list[str]:
        counts = ["--heads", str(heads), "--bodies", str(bodies), "--readers", str(readers)]
        return [*self._command("slow_load", server.stream), *counts, "--body", request(stream=True, **words)]

    def _command(self, program: str, target) -> list[str]:
        command = [f"{self.rig}/{program}", "--port", str(target.port), "--path", target.path]
        return [*command, "--header", f"authorization: Bearer {target.token}"] if target.token else command

"""The process: its start as the engine logs it, its readiness, its signals, its end."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time

from . import command_line, texts
from .command_line import BadCommand
from .server import Server
from .settings import BadSetting, ProcessSettings
from .state import State


def run(engine: str, arguments: list[str]) -> int:
    environment = dict(os.environ)
    try:
        launch = command_line.read(engine, arguments, environment)
        launch.model, _, from_model = launch.model.partition("@")
        launch.names = [name.partition("@")[0] for name in launch.names]
        settings = ProcessSettings().with_values(environment.get("STAND_IN", "")).with_values(from_model)
    except (BadCommand, BadSetting) as problem:
        print(problem, file=sys.stderr, flush=True)
        return 2
    _journal(settings, arguments)
    try:
        return asyncio.run(_Life(State(launch, settings, environment)).run())
    except KeyboardInterrupt:
        return 130


def _journal(settings: ProcessSettings, arguments: list[str]) -> None:
    if settings.journal:
        line = {
            "pid": os.getpid(),
            "time_ns": time.time_ns(),
            "arguments": arguments,
            "replica": os.environ.get("INFERENCEKEY_REPLICA", ""),
        }
        with open(settings.journal, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


class _Life:
    def __init__(self, state: State):
        self.state, self.launch, self.settings = state, state.launch, state.settings

    async def run(self) -> int:
        self.ending: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._listen_to_signals()
        self._leave_a_child()
        flood = asyncio.ensure_future(self._flood())
        start = asyncio.ensure_future(self._start())
        await asyncio.wait({self.ending, start}, return_when=asyncio.FIRST_COMPLETED)
        if start.done() and (status := start.result()) is not None:
            return status
        status = await self.ending
        flood.cancel()
        sys.stdout.flush()
        os._exit(status)

    async def _start(self) -> "int | None":
        """Becomes ready as the engine does, or returns the status to exit with."""
        texts.log(f"{self.launch.engine}-start", self.launch)
        if self.settings.leak_key:
            print(f"config: api_key='{self.launch.key}'", flush=True)
        early = self.launch.engine in ("llama-server", "ollama")
        if early and not await self._listen():
            return 1
        await self._download()
        if self._exits_now():
            await asyncio.sleep(self.settings.start_delay)
            return self._end_with_log()
        if self.settings.never_ready and self.launch.engine != "ollama":
            await asyncio.sleep(10**6)
        await self._become_ready(early)
        if not early and not self.state.ready:
            return 1
        if self.settings.exit_after >= 0:
            await asyncio.sleep(self.settings.exit_after)
            return self._end_with_log()
        return None

    async def _become_ready(self, early: bool) -> None:
        if self.launch.engine == "sglang":
            # SGLang answers /v1/models before it is warm: it listens half-way.
            await asyncio.sleep(self.settings.start_delay / 2)
            listening = await self._listen()
            await asyncio.sleep(self.settings.start_delay / 2)
            self.state.ready = listening
        elif self.launch.engine == "vllm":
            await asyncio.sleep(self.settings.start_delay)
            self.state.ready = await self._listen()
        else:
            if self.launch.engine == "llama-server":
                await asyncio.sleep(self.settings.start_delay)
            self.state.ready = True
        if self.state.ready:
            if self.launch.engine != "ollama":
                texts.log(f"{self.launch.engine}-ready", self.launch)

    async def _listen(self) -> bool:
        try:
            server = Server(self.state)
            self._server = await asyncio.start_server(
                server.serve, self.launch.host, self.launch.port, limit=1 << 20, backlog=1024
            )
            return True
        except OSError:
            name = "llama_port_in_use" if self.launch.engine == "llama-server" else "port_in_use"
            texts.log(name, self.launch)
            return False

    def _exits_now(self) -> bool:
        if self.settings.exit_times:
            return self._count_start() <= self.settings.exit_times
        return self.settings.exit >= 0 and self.settings.exit_after < 0

    def _count_start(self) -> int:
        try:
            with open(self.settings.state, encoding="utf-8") as file:
                count = int(file.read()) + 1
        except (OSError, ValueError):
            count = 1
        with open(self.settings.state, "w", encoding="utf-8") as file:
            file.write(str(count))
        return count

    def _end_with_log(self) -> int:
        if self.settings.log:
            texts.log(self.settings.log, self.launch)
        sys.stdout.flush()
        os._exit(self.settings.exit if self.settings.exit >= 0 else 1)

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, lambda: asyncio.ensure_future(self._asked_to_stop()))

    async def _asked_to_stop(self) -> None:
        how = self.settings.on_term or ("drain" if self.launch.engine == "sglang" else "now")
        print(f"INFO:     Shutting down ({how})", flush=True)
        if how == "ignore":
            return
        self.state.draining = True
        if how == "drain":
            while self.state.running:
                await asyncio.sleep(0.02)
        elif how != "now":
            await asyncio.sleep(float(how))
        if not self.ending.done():
            self.ending.set_result(self.settings.exit_status)

    def _leave_a_child(self) -> None:
        if self.settings.child:
            # It ends by itself after ten minutes, should a test fail to find it.
            subprocess.Popen(["sleep", "600"], start_new_session=self.settings.child == "session")

    async def _flood(self) -> None:
        if self.settings.long_line:
            sys.stdout.write("x" * self.settings.long_line)
            sys.stdout.flush()
        count, line = 0, "y" * max(1, self.settings.flood_bytes - 14)
        while self.settings.flood:
            portion = max(1, self.settings.flood // 50)
            sys.stdout.write("".join(f"flood {count + index:07d} {line}\n" for index in range(portion)))
            sys.stdout.flush()
            count += portion
            await asyncio.sleep(portion / self.settings.flood)

    async def _download(self) -> None:
        total, steps = self.settings.download_bytes, 20
        if not total or self.launch.engine == "ollama":
            return
        for step in range(steps + 1):
            print(texts.progress_bar(total * step / steps, total, step, steps), end="", flush=True)
            await asyncio.sleep(self.settings.download_s / steps)

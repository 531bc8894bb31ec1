"""One connection after the other: who may ask, which route, what was counted."""

import asyncio

from . import metrics, ollama_routes, openai_routes
from .openai_routes import Refused
from .settings import BadSetting
from .state import State
from .wire import Answer, ClientLeft, Closed, Reader, Request

SERVER = {"vllm": "uvicorn", "sglang": "uvicorn", "llama-server": "llama.cpp", "ollama": "ollama"}


class Server:
    def __init__(self, state: State):
        self.state = state

    async def serve(self, stream: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reader = Reader(stream)
        try:
            while True:
                request = await reader.request()
                await self._answer(request, reader, writer)
        except (Closed, ConnectionError, ValueError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, request: Request, reader: Reader, writer: asyncio.StreamWriter) -> None:
        """Answers while watching whether the client still wants it."""
        work = asyncio.ensure_future(self._respond(request, writer))
        leaving = asyncio.ensure_future(reader.until_client_leaves())
        await asyncio.wait({work, leaving}, return_when=asyncio.FIRST_COMPLETED)
        gone = leaving.done()
        for task in (work, leaving):
            if not task.done():
                task.cancel()
        results = await asyncio.gather(work, leaving, return_exceptions=True)
        if gone and not isinstance(results[0], BaseException):
            raise Closed
        if isinstance(results[0], BaseException):
            raise Closed from results[0]

    async def _respond(self, request: Request, writer: asyncio.StreamWriter) -> None:
        state = self.state
        keep_alive = request.header("connection").lower() != "close"
        answer = Answer(writer, state.settings.request, SERVER[state.launch.engine], keep_alive)
        if await self._management(request, answer):
            return
        record, outcome = state.begin(request), "failed"
        try:
            await self._work(request, writer, keep_alive)
            outcome = "finished"
        except (asyncio.CancelledError, ClientLeft):
            outcome = "aborted"
            raise
        finally:
            state.end(record, outcome)
            self._log(request, outcome)

    async def _work(self, request: Request, writer: asyncio.StreamWriter, keep_alive: bool) -> None:
        state = self.state
        plain = Answer(writer, state.settings.request.__class__(), SERVER[state.launch.engine], keep_alive)
        if not self._allowed(request):
            return await plain.json(401, self._unauthorised())
        if state.launch.engine == "llama-server" and not state.ready:
            return await plain.json(503, _LOADING)
        try:
            body = {} if request.header("content-type").startswith("multipart/") else request.json()
        except ValueError:
            return await plain.json(
                400,
                {
                    "error": {
                        "message": "1 validation error:\n  {'type': 'json_invalid'}",
                        "type": "Bad Request",
                        "param": "body",
                        "code": 400,
                    }
                },
            )
        try:
            settings = state.settings.request.with_values(request.header("x-stand-in")).with_values(
                body.get("stand_in") or {}
            )
        except BadSetting as problem:
            return await plain.json(
                400, {"error": {"message": str(problem), "type": "Bad Request", "param": "stand_in", "code": 400}}
            )
        answer = Answer(writer, settings, SERVER[state.launch.engine], keep_alive)
        if state.settings.hang:
            await asyncio.sleep(3600)
        if settings.first_ms:
            await asyncio.sleep(settings.first_ms / 1000)
        if state.fails(settings):
            status = settings.status or 503
            headers = (("retry-after", settings.retry_after),) if settings.retry_after else ()
            return await answer.json(
                status,
                {
                    "error": {
                        "message": f"the stand-in was told to answer {status}",
                        "type": "stand_in",
                        "param": None,
                        "code": status,
                    }
                },
                headers,
            )
        if state.draining and state.launch.engine != "sglang":
            return await plain.json(
                503, {"error": {"message": "shutting down", "type": "ServiceUnavailable", "param": None, "code": 503}}
            )
        route = self._route(request)
        if route is None:
            return await plain.json(404, {"detail": "Not Found"})
        try:
            await route(state, request, body, settings, answer)
        except Refused as refusal:
            await plain.json(refusal.status, refusal.body)

    def _route(self, request: Request):
        if self.state.launch.engine == "ollama":
            own = ollama_routes.GET if request.method in ("GET", "HEAD") else ollama_routes.POST
            if request.path in own:
                return own[request.path]
        if request.method == "GET" and request.path in ("/v1/models", "/models", "/get_model_info"):
            return self._models
        return openai_routes.POST.get(request.path) if request.method == "POST" else None

    async def _management(self, request: Request, answer: Answer) -> bool:
        """Health, metrics and the stand-in's own view: not counted as requests, no key needed."""
        state, path = self.state, request.path
        if path == "/stand-in/state":
            await answer.json(200, state.summary())
        elif path == "/stand-in/requests":
            await answer.json(200, list(state.requests))
        elif path == "/stand-in/environment":
            await answer.json(200, state.environment)
        elif path in ("/health", "/v1/health", "/health_generate") and state.launch.engine != "ollama":
            await self._health(answer)
        elif path == "/ping" and state.launch.engine in ("vllm", "sglang"):
            await answer.whole(200, b"")
        elif path == "/version" and state.launch.engine == "vllm":
            await answer.json(200, {"version": "0.32.0"})
        elif (
            path == "/metrics" and self._metrics_are_on() and (state.launch.engine == "vllm" or self._allowed(request))
        ):
            await answer.whole(200, metrics.text(state).encode(), "text/plain; version=0.0.4; charset=utf-8")
        elif path in ("/props", "/slots") and state.launch.engine == "llama-server" and self._allowed(request):
            await answer.json(
                200,
                {"total_slots": 4, "model_path": state.launch.model, "is_sleeping": False} if path == "/props" else [],
            )
        else:
            return False
        return True

    async def _health(self, answer: Answer) -> None:
        state = self.state
        if state.launch.engine == "llama-server":
            return await answer.json(200, {"status": "ok"}) if state.ready else await answer.json(503, _LOADING)
        await answer.whole(
            200 if state.ready and not (state.draining and state.launch.engine == "sglang") else 503, b""
        )

    def _metrics_are_on(self) -> bool:
        needed = {"vllm": "", "sglang": "--enable-metrics", "llama-server": "--metrics"}.get(self.state.launch.engine)
        return needed is not None and (not needed or needed in self.state.launch.flags)

    async def _models(self, state, request, body, settings, answer) -> None:
        names = sorted(state.pulled) if state.launch.engine == "ollama" else state.launch.names
        shape = {"object": "model", "created": int(state.began), "owned_by": SERVER_OWNER[state.launch.engine]}
        data = [
            {"id": name, **shape, "root": state.launch.model, "max_model_len": state.launch.max_model_len}
            for name in names
        ]
        await answer.json(200, {"object": "list", "data": data})

    def _allowed(self, request: Request) -> bool:
        launch = self.state.launch
        if not launch.key or launch.engine == "ollama":
            return True
        if launch.engine == "vllm" and not request.path.startswith(("/v1", "/v2", "/inference")):
            return True
        return request.header("authorization") == f"Bearer {launch.key}"

    def _unauthorised(self) -> dict:
        if self.state.launch.engine == "llama-server":
            return {"error": {"code": 401, "message": "Invalid API Key", "type": "authentication_error"}}
        return {"error": "Unauthorized"}

    def _log(self, request: Request, outcome: str) -> None:
        if self.state.launch.engine in ("vllm", "sglang"):
            print(f'INFO:     127.0.0.1:0 - "{request.method} {request.path} HTTP/1.1" {outcome}', flush=True)
        else:
            print(f"srv  log_server_r: request: {request.method} {request.path} 127.0.0.1 {outcome}", flush=True)


SERVER_OWNER = {"vllm": "vllm", "sglang": "sglang", "llama-server": "llamacpp", "ollama": "library"}
_LOADING = {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}

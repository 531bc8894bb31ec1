"""Ollama's own routes: pull with progress, load by an empty generate, what is loaded, what is there."""

import asyncio
import json
import time

from . import answers
from .settings import RequestSettings
from .state import State
from .wire import Answer, Request

_LAYERS = (("sha256:aaaa1111", 0.9), ("sha256:bbbb2222", 0.1))


async def root(state: State, request: Request, body: dict, settings: RequestSettings, answer: Answer) -> None:
    await answer.whole(200, b"Ollama is running", "text/plain; charset=utf-8")


async def version(state: State, request: Request, body: dict, settings: RequestSettings, answer: Answer) -> None:
    await answer.json(200, {"version": "0.12.6"})


async def tags(state: State, request: Request, body: dict, settings: RequestSettings, answer: Answer) -> None:
    await answer.json(
        200,
        {
            "models": [
                {"name": name, "model": name, "size": _size(state), "digest": "aaaa1111"}
                for name in sorted(state.pulled)
            ]
        },
    )


async def loaded(state: State, request: Request, body: dict, settings: RequestSettings, answer: Answer) -> None:
    size = _size(state)
    shape = {"size": size, "size_vram": size, "expires_at": "2318-01-01T00:00:00Z", "context_length": 4096}
    await answer.json(200, {"models": [{"name": name, "model": name, **shape} for name in state.loaded]})


async def show(state: State, request: Request, body: dict, settings: RequestSettings, answer: Answer) -> None:
    if _name(body) in state.pulled:
        await answer.json(
            200, {"details": {"family": "stand-in"}, "model_info": {}, "capabilities": ["completion", "embedding"]}
        )
    else:
        await answer.json(404, {"error": f"model '{_name(body)}' not found"})


async def pull(state: State, request: Request, body: dict, settings: RequestSettings, answer: Answer) -> None:
    """Newline-delimited JSON: manifest, bytes per layer, success. A model whose name holds `missing` does not exist."""
    name, total = _name(body), _size(state)
    await answer.begin_stream("application/x-ndjson")
    await _line(answer, {"status": "pulling manifest"})
    if "missing" in name:
        await _line(answer, {"error": "pull model manifest: file does not exist"})
        return await answer.end_stream()
    steps = 10
    for digest, share in _LAYERS:
        layer = int(total * share)
        for step in range(steps + 1):
            await _line(
                answer,
                {
                    "status": f"pulling {digest[7:]}",
                    "digest": digest,
                    "total": layer,
                    "completed": layer * step // steps,
                },
            )
            await asyncio.sleep(state.settings.download_s * share / steps)
    for status in ("verifying sha256 digest", "writing manifest", "success"):
        await _line(answer, {"status": status})
    state.pulled.add(name)
    await answer.end_stream()


async def generate(state: State, request: Request, body: dict, settings: RequestSettings, answer: Answer) -> None:
    """Without a prompt this loads the model, or unloads it when keep_alive is 0."""
    name = _name(body)
    if name not in state.pulled:
        return await answer.json(404, {"error": f"model '{name}' not found"})
    if state.settings.log and state.settings.exit < 0:
        return await answer.json(
            500, {"error": "llama runner process has terminated: cudaMalloc failed: out of memory"}
        )
    done = {"model": name, "created_at": "2026-01-01T00:00:00Z", "response": "", "done": True}
    if body.get("prompt"):
        done["response"] = "".join(answers.pieces({"max_tokens": 16}, settings))
        return await answer.json(200, {**done, "done_reason": "stop"})
    if body.get("keep_alive") in (0, "0"):
        state.loaded.pop(name, None)
        return await answer.json(200, {**done, "done_reason": "unload"})
    if state.settings.never_ready:
        await asyncio.sleep(3600)
    await asyncio.sleep(state.settings.start_delay)
    state.loaded[name] = time.time()
    await answer.json(200, {**done, "done_reason": "load"})


async def _line(answer: Answer, value: dict) -> None:
    await answer.chunk(json.dumps(value).encode() + b"\n")


def _name(body: dict) -> str:
    return body.get("model") or body.get("name") or ""


def _size(state: State) -> int:
    return state.settings.download_bytes or 397_821_319


GET = {"/": root, "/api/version": version, "/api/tags": tags, "/api/ps": loaded}
POST = {"/api/pull": pull, "/api/generate": generate, "/api/show": show}

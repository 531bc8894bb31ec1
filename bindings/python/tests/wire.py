"""Runs a case of conformance/requests.json through the classes that users have."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import warnings
from typing import Any, Callable

from loopback import LoopbackServer

import inferencekey as ik

KINDS = {
    ik.ConfigurationError: "configuration",
    ik.ValidationError: "validation",
    ik.AuthError: "authentication",
    ik.PermissionDenied: "permission_denied",
    ik.NotFoundError: "not_found",
    ik.RateLimitError: "rate_limited",
    ik.ApiError: "api",
    ik.NetworkError: "network",
    ik.TimeoutError: "timeout",
    ik.CancelledError: "cancelled",
}
SECONDS = {
    "connect_timeout_ms": "connect_timeout",
    "request_timeout_ms": "request_timeout",
    "stream_idle_timeout_ms": "stream_idle_timeout",
}


def play(given: dict, perform: Callable[[dict, str], Any]) -> dict:
    """What `expect` describes: the requests, and the result or the error."""
    answers = iter(given["answers"])

    def script(request, reply):
        answer = next(answers, "HTTP/1.1 599 One request too many\r\ncontent-length: 0\r\n\r\n")
        reply.send(answer.encode())
        if "connection: close" in answer.partition("\r\n\r\n")[0].lower():
            reply.close()

    server = LoopbackServer(script)
    found: dict = {"result": None, "error": None}
    try:
        found["result"] = in_wire_words(given["operation"], perform(given, server.url))
    except ik.InferenceKeyError as error:
        message = str(error).replace(f"127.0.0.1:{server.port}", "{host}")
        found["error"] = {"kind": KINDS[type(error)], "message": message, "code": error.code}
    finally:
        server.stop()
    host = f"127.0.0.1:{server.port}".encode()
    found["requests"] = [request.wire.replace(host, b"{host}").decode() for request in server.requests]
    return found


def blocking(given: dict, url: str) -> Any:
    arguments, target = prepared(given, url, ik.DataClient, ik.ManagementClient)
    operation = given["operation"]
    if operation == "endpoint":
        return target
    method = getattr(target, METHODS.get(operation, operation))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ik.DriftWarning)
        if operation == "wait_until_ready":
            events: list = []
            method(**arguments, on_progress=events.append)
            return events
        found = method(**arguments)
    return list(found) if operation in ("generate_text_stream", "logs", "follow_logs") else found


def asynchronous(given: dict, url: str) -> Any:
    async def main() -> Any:
        arguments, target = prepared(given, url, ik.AsyncDataClient, ik.AsyncManagementClient)
        operation = given["operation"]
        if operation == "endpoint":
            return target
        method = getattr(target, METHODS.get(operation, operation))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ik.DriftWarning)
            if operation in ("logs", "follow_logs"):
                return [line async for line in method(**arguments)]
            if operation == "generate_text_stream":
                return [chunk async for chunk in await method(**arguments)]
            if operation == "wait_until_ready":
                events: list = []
                await method(**arguments, on_progress=events.append)
                return events
            return await method(**arguments)

    return asyncio.run(main())


METHODS = {"follow_logs": "logs"}


def options(given: dict) -> dict:
    return {
        SECONDS.get(name, name): value / 1000 if name in SECONDS else value for name, value in (given or {}).items()
    }


def prepared(given: dict, url: str, data: Any, control: Any) -> tuple:
    """The arguments in Python's words, and the client or endpoint whose method takes them."""
    settings = dict(given["client"])
    settings.update(options(settings.pop("options", {})))
    arguments = dict(given["arguments"])
    own = options(arguments.pop("options", {}))
    operation = given["operation"]
    if given["plane"] == "control":
        client = control(url, **settings)
        if "spec" in arguments:
            arguments["spec"] = ik.WorkloadSpec(**arguments["spec"])
        if "timeout_ms" in arguments:
            arguments["timeout"] = arguments.pop("timeout_ms") / 1000
        if operation == "follow_logs":
            arguments["follow"] = True
        return arguments, client.with_options(**own) if own else client
    endpoint = data(url, **settings).endpoint(arguments.pop("slug"), arguments.pop("api_key", None))
    arguments.update(arguments.pop("extra", {}))
    if operation == "submit_job" and "base64" in arguments:
        arguments["body"] = base64.b64decode(arguments.pop("base64"))
    if operation == "get_job":
        arguments["id"] = arguments.pop("job_id")
    if operation == "request":
        if "base64" in arguments:
            arguments["content"] = base64.b64decode(arguments.pop("base64"))
        if "text" in arguments:
            arguments["content"] = arguments.pop("text")
    return arguments, endpoint.with_options(**own) if own else endpoint


def in_wire_words(operation: str, found: Any) -> dict:
    if operation == "endpoint":
        return {"workload_slug": found.workload_slug, "project": found.project}
    if operation == "delete":
        return {"deleted": found}
    if operation == "list":
        return {"workloads": [dataclasses.asdict(one) for one in found]}
    if operation in ("logs", "follow_logs"):
        lines = [{"replica_id": line.replica_id, "ts": line.timestamp, "text": line.text} for line in found]
        return {"lines" if operation == "logs" else "items": lines}
    if operation == "generate_text_stream":
        return {"items": [members(chunk) for chunk in found]}
    if operation == "generate_text":
        return members(found)
    if isinstance(found, list):
        return {"items": [dataclasses.asdict(one) for one in found]}
    if operation == "request":
        return {"status": found.status, "headers": [list(pair) for pair in found.headers], "text": found.text}
    named = dataclasses.asdict(found)
    if isinstance(found, ik.Job):
        named["job_id"] = named.pop("id")
    for change in named.get("plan", named).get("changes", ()):
        change["from"], change["to"] = change.pop("from_value"), change.pop("to_value")
    return named


def members(text: Any) -> dict:
    """Of a result or a chunk."""
    named = {name: getattr(text, name) for name in text.__match_args__}
    return {**named, "usage": None if text.usage is None else dataclasses.asdict(text.usage)}

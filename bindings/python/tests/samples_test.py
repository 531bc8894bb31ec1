"""Each sample runs as its users run it."""

import os
import pathlib
import subprocess
import sys

from conftest import KEY, TOKEN, completion, delta, workload

SAMPLES = pathlib.Path(__file__).resolve().parents[1] / "samples"


def run(server, name, *words):
    settings = {
        "INFERENCEKEY_BASE_URL": server.url,
        "INFERENCEKEY_PROJECT": "acme",
        "INFERENCEKEY_API_KEY": KEY,
        "INFERENCEKEY_SDK_TOKEN": TOKEN,
    }
    command = [sys.executable, "-B", str(SAMPLES / f"{name}.py"), *words]
    done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def platform():
    live = []

    def script(request, reply):
        if request.target.endswith("/readiness-events"):
            reply.open_events()
            reply.event({"phase": "ready", "message": "serving", "elapsed_ms": 1})
            return reply.end()
        if request.method == "GET":
            return reply.json(live)
        if request.method == "DELETE":
            return reply.json({})
        body = request.json()
        if "messages" not in body:
            live.append(workload(slug=body["slug"]))
            return reply.json(live[0], 201)
        if "nobody" in request.target:
            return reply.json({"error": {"message": "no such workload", "code": "workload_not_found"}}, 404)
        if not body.get("stream"):
            return reply.json(completion())
        reply.open_events()
        for text, finish in (("1 ", None), ("2", "stop")):
            reply.event(delta(text, finish))
        reply.event(b"[DONE]")
        return reply.end()

    return script


def test_basic(server):
    server.script = platform()
    assert run(server, "basic") == "Hola\n"


def test_streaming(server):
    server.script = platform()
    assert run(server, "streaming") == "1 2\n"


def test_errors(server):
    server.script = platform()
    lines = run(server, "errors").splitlines()
    assert [line.partition(":")[0] for line in lines] == ["ValidationError", "NotFoundError", "NetworkError"]


def test_walkthrough(server):
    server.script = platform()
    assert run(server, "walkthrough", "vllm", "m", "vllm serve m").splitlines() == [
        "plan: create", "answer: Hola", "1 2", "deleted: true",
    ]  # fmt: skip

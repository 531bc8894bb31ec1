#!/usr/bin/env python3
"""Builds the C samples and tests against the library, and runs them, also under valgrind. Usage: run.py LIBRARY-FOLDER"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
sys.path.insert(0, str(REPOSITORY / "bindings/python/tests"))

from loopback import LoopbackServer  # noqa: E402

KEY = "ik_live_0badcafe_" + "0123456789abcdef" * 4
TOKEN = "ik_sdk_a1b2c3d4_" + "0123456789abcdef" * 4


def script(request, reply):
    if request.method == "GET":
        if not request.target.endswith("/readiness-events"):
            return reply.json([])
        reply.open_events()
        reply.event({"phase": "ready", "message": "serving", "elapsed_ms": 1})
        return reply.end()
    body = request.json()
    if "messages" not in body:
        workload = {"id": "wl_1", "project_slug": "acme", "revision": 1, **body}
        return reply.json(workload, 201)
    prompt = body["messages"][0]["content"]
    if prompt == "refuse":
        return reply.json({"error": "rate_limited", "message": "slow down"}, 429, "retry-after: 3")
    if not body.get("stream"):
        choice = {"index": 0, "message": {"role": "assistant", "content": "Hola"}, "finish_reason": "stop"}
        return reply.json({"model": "m", "choices": [choice]})
    reply.open_events()
    for text, finish in (("H", None), ("o", None), ("la", None), ("", "stop")):
        reply.event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]})
    if prompt == "endless":
        reply.wait_closed()
        return None
    reply.event(b"[DONE]")
    return reply.end()


def cases():
    for path in sorted((REPOSITORY / "conformance").glob("*.json")):
        for case in json.loads(path.read_text())["cases"]:
            given, expect = case["given"], case["expect"]
            if path.stem == "sse":
                size = len(given["text"].encode())
                for cuts in [[], *([place] for place in range(size + 1)), list(range(size))]:
                    yield f"{case['name']}, cut at {cuts}", path.stem, {**given, "cuts": cuts}, "= " + dump(expect)
            elif path.stem in ("spec-checks", "configuration") and expect.get("error"):
                # A message is the start of the message, and C spells arguments like the core.
                message = expect["error"]["message"].replace("{argument:api_key}", "apiKey:")
                message = message.replace("{argument:sdk_token}", "sdkToken:")
                start = {"kind": expect["error"]["kind"], "message": message}
                yield case["name"], path.stem, given, "~ " + dump({"error": start})[:-3]
            else:
                yield case["name"], path.stem, given, "= " + dump(expect)


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main() -> int:
    library = pathlib.Path(sys.argv[1])
    environment = {**os.environ, "PKG_CONFIG_PATH": str(library / "lib/pkgconfig"), "LD_LIBRARY_PATH": str(library / "lib")}
    flags = subprocess.check_output(
        ["pkg-config", "--cflags", "--libs", "inferencekey"], env=environment, text=True
    ).split()
    with tempfile.TemporaryDirectory() as folder:
        programs = {}
        for source in [*HERE.glob("*.c"), *(HERE.parent / "samples").glob("*.c")]:
            programs[source.stem] = f"{folder}/{source.stem}"
            build = ["gcc", "-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", str(source), "-o", programs[source.stem]]
            subprocess.run([*build, *flags, "-pthread"], check=True, env=environment)
        server = LoopbackServer(script)
        environment.update(
            INFERENCEKEY_BASE_URL=server.url, INFERENCEKEY_PROJECT="acme",
            INFERENCEKEY_API_KEY=KEY, INFERENCEKEY_SDK_TOKEN=TOKEN,
        )  # fmt: skip
        lines = "".join(f"{name}\n{subject}\n{dump(given)}\n{expect}\n" for name, subject, given, expect in cases())
        subprocess.run([programs["conformance"]], input=lines, text=True, check=True, env=environment)
        subprocess.run([programs["abi"], server.url], check=True, env=environment)
        for name in ("basic", "streaming", "errors", "walkthrough"):
            # Swift tests bits of an enum's padding: memory that was not set is no finding here, a leak or a wild access is.
            valgrind = ["valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=definite"]
            valgrind += ["--errors-for-leak-kinds=definite", "--undef-value-errors=no", "--error-exitcode=9"]
            words = ["m", "vllm serve m"] if name == "walkthrough" else []
            run = subprocess.run(
                [*valgrind, programs[name], *words], env=environment, text=True, capture_output=True, check=False
            )
            print(f"{'ok    ' if run.returncode == 0 else 'FAILED'} sample {name}, under valgrind")
            if run.returncode != 0:
                print(run.stdout, run.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

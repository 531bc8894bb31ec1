#!/usr/bin/env python3
"""Builds the C samples and tests against the library, and runs them, also under valgrind.

Usage: run.py LIBRARY-FOLDER [--conformance], which runs the cases of conformance/ alone
"""

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
from wire_comparison import holds  # noqa: E402

KEY = "ik_live_0badcafe_" + "0123456789abcdef" * 4
TOKEN = "ik_sdk_a1b2c3d4_" + "0123456789abcdef" * 4


# What each sample prints, or a part of it.
SAYS = {
    "basic": "Hola ñ\t👋\n",
    "streaming": "Hola\n",
    "errors": "validation (kind 2, status 0, code none): validation error: prompt must not be blank",
    "walkthrough": "plan: create\nanswer: Hola ñ\t👋\nHola\ndeleted: true\n",
}
live = []


def script(request, reply):
    if request.method == "GET":
        if not request.target.endswith("/readiness-events"):
            return reply.json(live)
        reply.open_events()
        reply.event({"phase": "ready", "message": "serving", "elapsed_ms": 1})
        return reply.end()
    if request.method == "DELETE":
        return reply.json({})
    body = request.json()
    if "messages" not in body:
        live.append({"id": "wl_1", "project_slug": "acme", "revision": 1, **body})
        return reply.json(live[0], 201)
    prompt = body["messages"][0]["content"]
    if prompt == "refuse":
        return reply.json({"error": "rate_limited", "message": "slow down"}, 429, "retry-after: 3")
    if not body.get("stream"):
        text = "Hola" if prompt != "Hola" or body.get("max_tokens") is None else "Hola ñ\t👋"
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        return reply.json({"model": "m", "choices": [choice]})
    reply.open_events()
    for text, finish in (("H", None), ("o", None), ("la", None), ("", "stop")):
        reply.event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]})
    if prompt == "endless":
        reply.wait_closed()
        return None
    reply.event(b"[DONE]")
    return reply.end()


def read(subject):
    return json.loads((REPOSITORY / "conformance" / f"{subject}.json").read_text())["cases"]


def questions(subject, case):
    """What is asked for a case: given, and what is expected as conformance.c takes it."""
    given, expect = case["given"], case["expect"]
    if subject == "sse":
        size = len(given["text"].encode())
        for cuts in [[], *([place] for place in range(size + 1)), list(range(size))]:
            yield {**given, "cuts": cuts}, "= " + dump(expect)
    elif subject in ("spec-checks", "configuration") and expect.get("error"):
        # A message is the start of the message, and C spells arguments like the core.
        message = expect["error"]["message"].replace("{argument:api_key}", "apiKey:")
        message = message.replace("{argument:sdk_token}", "sdkToken:")
        start = {"kind": expect["error"]["kind"], "message": message}
        yield given, "~ " + dump({"error": start})[:-3]
    else:
        yield given, "= " + dump(expect)


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def check_decisions(program, environment):
    """The counts of each subject that is decided without a request."""
    subjects = sorted(path.stem for path in (REPOSITORY / "conformance").glob("*.json") if path.stem != "requests")
    asked = [
        (subject, number, f"{case['name']}\n{subject}\n{dump(given)}\n{expect}\n")
        for subject in subjects
        for number, case in enumerate(read(subject))
        for given, expect in questions(subject, case)
    ]
    run = subprocess.run(
        [program], input="".join(text for *_, text in asked), text=True, stdout=subprocess.PIPE, env=environment, check=False
    )
    answers = run.stdout.split()
    assert len(answers) == len(asked), f"{len(answers)} answers to {len(asked)} questions"
    cases = {}
    for (subject, number, _), answer in zip(asked, answers):
        cases[subject, number] = cases.get((subject, number), True) and answer == "passed"
    return {subject: count([ok for (of, _), ok in cases.items() if of == subject]) for subject in subjects}


def check_requests(program, environment):
    """The counts of the operations as they go over the wire."""
    with subprocess.Popen([program], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:

        def perform(given, url):
            configuration = {"plane": given["plane"], "base_url": url, **given["client"]}
            for value in (dump(configuration), given["operation"], dump(given["arguments"])):
                process.stdin.write(value + "\n")
            process.stdin.flush()
            return process.stdout.readline()

        results = []
        for case in read("requests"):
            problem = wire_problem(case, perform)
            if problem:
                print(f"FAILED requests: {case['name']}\n       {problem}")
            results.append(problem is None)
        process.stdin.close()
    return {"requests": count(results)}


def wire_problem(case, perform):
    """What is not as the case expects; None where all is."""
    answers = iter(case["given"]["answers"])

    def send(request, reply):
        answer = next(answers, "HTTP/1.1 599 One request too many\r\ncontent-length: 0\r\n\r\n")
        reply.send(answer.encode())
        if "connection: close\r\n" in answer:
            reply.close()

    server, expect = LoopbackServer(send), case["expect"]
    line = perform(case["given"], server.url)
    server.stop()
    host = f"127.0.0.1:{server.port}"
    requests = [request.wire.replace(host.encode(), b"{host}").decode() for request in server.requests]
    if requests != expect["requests"]:
        return f"sent {requests}"
    found, wanted = json.loads(line[2:]), expect["error"]
    if line.startswith("="):
        return None if wanted is None and holds(found, expect["result"]) else f"gave {found}"
    message = found["message"].replace(host, "{host}")
    ok = wanted and found["kind"] == wanted["kind"] and found["code"] == wanted.get("code")
    return None if ok and message.startswith(wanted["message"]) else f"failed with {found}"


def count(results):
    return {"passed": sum(results), "failed": len(results) - sum(results)}


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
        counts = check_decisions(programs["conformance"], environment)
        counts.update(check_requests(programs["requests"], environment))
        if folder_of_results := os.environ.get("IK_CONFORMANCE_RESULTS"):
            pathlib.Path(folder_of_results, "c.json").write_text(json.dumps(counts))
        passed, failed = (sum(one[key] for one in counts.values()) for key in ("passed", "failed"))
        print(f"conformance: {passed} passed, {failed} failed")
        if failed or "--conformance" in sys.argv:
            return 1 if failed else 0
        subprocess.run([programs["abi"], server.url], check=True, env=environment)
        for name in ("basic", "streaming", "errors", "walkthrough"):
            # Swift tests bits of an enum's padding: memory that was not set is no finding here, a leak or a wild access is.
            valgrind = ["valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=definite"]
            valgrind += ["--errors-for-leak-kinds=definite", "--undef-value-errors=no", "--error-exitcode=9"]
            words = ["vllm", "m", "vllm serve \"m\""] if name == "walkthrough" else []
            run = subprocess.run(
                [*valgrind, programs[name], *words], env=environment, text=True, capture_output=True, check=False
            )
            ok = run.returncode == 0 and SAYS[name] in run.stdout
            print(f"{'ok    ' if ok else 'FAILED'} sample {name}, under valgrind")
            if not ok:
                print(run.stdout, run.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

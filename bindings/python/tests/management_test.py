import io
import threading

import pytest
from conftest import TOKEN, workload

import inferencekey
from inferencekey import Backend, ManagementClient, OnDrift, ReadinessEvent, WorkloadSpec
from inferencekey._progress import TerminalProgress

SPEC = WorkloadSpec(name="Bot", slug="bot", model="m", backend=Backend.VLLM)


def platform(live):
    """Answers like a control plane with this one workload, or none."""

    def script(request, reply):
        if request.method == "GET":
            reply.json([live] if live else [])
        elif request.method == "POST":
            reply.json(workload(), 201)
        else:
            reply.json(workload(**request.json(), revision=2))

    return script


def test_an_absent_workload_is_created(server, management):
    server.script = platform(None)
    ref = management.ensure(SPEC)
    assert (ref.project_slug, ref.workload_slug, ref.plan.action) == ("acme", "bot", "create")
    assert [request.method for request in server.requests] == ["GET", "POST"]
    assert server.requests[1].json() == {"name": "Bot", "slug": "bot", "backend": "vllm", "model_name": "m"}


def test_drift_is_patched_field_by_field(server, management):
    server.script = platform(workload(description="old"))
    plan = management.plan(WorkloadSpec("Bot", "bot", "m2", "vllm", description="new"))
    assert plan.has_changes and [change.field for change in plan.changes] == ["description", "model_name"]
    assert (plan.changes[1].from_value, plan.changes[1].to_value, plan.changes[1].effect) == ("m", "m2", "rolling")
    ref = management.ensure(WorkloadSpec("Bot", "bot", "m2", "vllm", description="new"))
    assert ref.plan == plan
    assert server.requests[-1].json() == {"description": "new", "model_name": "m2"}
    assert server.requests[-1].headers["if-match"] == '"1"'


def test_each_policy_of_drift(server, management):
    server.script = platform(workload(model_name="other"))
    with pytest.raises(inferencekey.ValidationError, match="^workload drifted from spec: model_name"):
        management.ensure(SPEC, OnDrift.FAIL)
    with pytest.warns(inferencekey.DriftWarning, match="workload bot drifted from spec: model_name"):
        management.ensure(SPEC, on_drift="warn")
    for policy in (OnDrift.IGNORE, OnDrift.DRY_RUN):
        assert management.ensure(SPEC, policy).plan.action == "update"
    assert {request.method for request in server.requests} == {"GET"}


def test_a_secret_in_a_spec_is_refused(server, management):
    with pytest.raises(inferencekey.ConfigurationError, match="secrets must never go in specs") as raised:
        management.ensure(WorkloadSpec("Bot", "bot", "m", "vllm", config={"env": {"T": TOKEN}}))
    assert TOKEN not in str(raised.value) and server.accepted == 0


def test_an_unknown_word_is_refused(management):
    with pytest.raises(inferencekey.ValidationError, match="on_drift: must be one of"):
        management.ensure(SPEC, on_drift="sometimes")


def test_reading(server, management):
    server.script = lambda request, reply: reply.json(
        {"desired": 1, "ready": 1, "status": "ready", "revision": 1, "replicas": []}
        if request.target.endswith("/status")
        else [{"replica_id": "rep_1", "ts": "2026-11-24T08:00:00Z", "text": "hello"}]
        if "/logs" in request.target
        else [workload()]
    )
    assert management.get("bot").backend == "vllm"
    assert [one.slug for one in management.list()] == ["bot"]
    assert management.status("bot").ready == 1
    assert [line.text for line in management.logs("bot", tail=5)] == ["hello"]
    server.script = platform(None)
    assert management.delete("bot") is False
    with pytest.raises(inferencekey.NotFoundError):
        management.get("bot")


def test_following_a_log_until_the_loop_is_left(server, management):
    closed = threading.Event()

    def script(request, reply):
        if "/logs" not in request.target:
            return reply.json([workload()])
        reply.open_events()
        reply.event({"replica_id": "rep_1", "ts": None, "text": "hello"})
        if reply.wait_closed():
            closed.set()

    server.script = script
    for line in management.logs("bot", follow=True):
        assert line.text == "hello"
        break
    assert closed.wait(5)


def readiness(*bodies):
    """One connection after the other, each with its events."""
    rest = iter(bodies)

    def script(request, reply):
        reply.open_events()
        for event in next(rest):
            reply.event(event)
        reply.end()

    return script


SCHEDULING = {"phase": "scheduling", "message": "placing", "elapsed_ms": 10}
LOADING = {
    "phase": "bootstrapping", "message": "fetching", "elapsed_ms": 65_000, "step": "download_model",
    "bytes_done": 500_000_000, "bytes_total": 2_000_000_000, "eta_ms": 90_000,
}  # fmt: skip
READY = {"phase": "ready", "message": "serving", "elapsed_ms": 70_000}


def test_waiting_tells_each_step_and_reconnects(server, management):
    server.script = readiness([SCHEDULING], [SCHEDULING, LOADING, READY])
    seen = []
    assert management.wait_until_ready("bot", on_progress=seen.append) == ReadinessEvent.of(READY)
    assert [event.phase for event in seen] == ["scheduling", "bootstrapping", "ready"]
    assert seen[1].bytes_total == 2_000_000_000


def test_waiting_for_what_cannot_become_ready(server, management):
    server.script = readiness([{**READY, "phase": "error", "message": "no room", "cause": "no_capacity"}])
    with pytest.raises(inferencekey.ApiError, match="cannot become ready: no room") as raised:
        management.wait_until_ready("bot", silent=True)
    assert raised.value.code == "no_capacity"


def test_waiting_ends_in_time(server, management):
    def script(request, reply):
        reply.open_events()
        reply.event(SCHEDULING)
        reply.wait_closed()

    server.script = script
    with pytest.raises(inferencekey.TimeoutError, match="is not ready after 2 s; scheduling: placing"):
        management.wait_until_ready("bot", timeout=2, silent=True)


def test_a_callback_that_raises_ends_the_wait(server, management):
    server.script = readiness([SCHEDULING, READY])

    def fail(event):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        management.wait_until_ready("bot", on_progress=fail)


def test_progress_is_plain_lines_where_there_is_no_terminal(server, management, capsys):
    server.script = readiness([SCHEDULING, LOADING, {**LOADING, "bytes_done": 600_000_000}, READY])
    management.wait_until_ready("bot")
    assert capsys.readouterr().err.splitlines() == [
        "0:00 bot: scheduling · placing",
        "1:05 bot: bootstrapping · fetching · 500.0 MB of 2.0 GB · about 90 s left",
        "1:10 bot: ready · serving",
    ]


def test_progress_is_one_live_line_on_a_terminal():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    show = TerminalProgress("bot", terminal)
    for members in (SCHEDULING, LOADING, READY):
        show(ReadinessEvent.of(members))
    show.finish()
    assert terminal.getvalue().count("\n") == 1 and terminal.getvalue().count("\r\x1b[K") == 3


def test_context_managers(server):
    server.script = platform(None)
    with ManagementClient(server.url, TOKEN, "acme") as client:
        assert client.list() == []


def test_the_options_of_one_call(server):
    server.script = lambda request, reply: reply.json({"error": "unavailable"}, 503, "retry-after-ms: 1")
    client = ManagementClient(server.url, TOKEN, "acme", max_retries=1)
    for chosen, count in ((client, 2), (client.with_options(max_retries=0), 1)):
        before = len(server.requests)
        with pytest.raises(inferencekey.ApiError):
            chosen.list()
        assert len(server.requests) - before == count

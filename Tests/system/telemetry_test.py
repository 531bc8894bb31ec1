"""What the Gateway tells of single calls: the access log, spans, the slow-request log and the metrics."""

import json
import os
import re
import signal
import socket
import time

import httpx2 as httpx
import pytest

from rig import engines, raw
from rig.api import QUESTION
from rig.collector import Collector, attributes
from rig.waiting import wait_until

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"


@pytest.fixture
def collector():
    with Collector() as collector:
        yield collector


@pytest.fixture
def told(new_platform, tmp_path, collector):
    """A platform that logs to `log`, traces to `collector`, and finds calls slow after 400 ms; its project and engine."""
    log = tmp_path / "access.log"
    platform = new_platform(
        "--stop-engines",
        "--access-log",
        str(log),
        "--slow-request-ms",
        "400",
        environment={
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_EXPORTER_OTLP_HEADERS": "api-key=c0llector%20key",
            "OTEL_SERVICE_NAME": "front-door",
        },
    )
    project = platform.project()
    project.create(engines.stand_in_workload("bot"))
    (replica,) = project.served("bot", seconds=20)
    return platform, project, replica, log


def lines(log) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def line_of(log, request_id: str) -> dict:
    return wait_until(
        lambda: next((line for line in lines(log) if line["request_id"] == request_id), None),
        5,
        f"the line of {request_id}",
    )


def call(project, request_id: str, told: dict | None = None, *, stream: bool = False, key: str | None = None, **more):
    body = {"model": "bot", "messages": QUESTION, "stream": stream, "stand_in": told or {}}
    headers = {"authorization": f"Bearer {key or project.key}", "x-request-id": request_id, **more}
    url = f"{project.base_url}/endpoint/{project.slug}/bot/v1/chat/completions"
    return httpx.post(url, json=body, headers=headers, timeout=30, trust_env=False)


def last_seen_by_engine(replica: dict) -> dict[str, str]:
    """The headers of the last call as the engine got them."""
    found = httpx.get(f"http://127.0.0.1:{replica['port']}/stand-in/requests", trust_env=False).json()
    return {name.lower(): value for name, value in found[-1]["headers"]}


def test_each_call_has_a_line_that_says_how_it_ended(told):
    platform, project, replica, log = told
    assert call(project, "streamed", {"tokens": 20, "delay_ms": 5}, stream=True).text.endswith("data: [DONE]\n\n")
    line = line_of(log, "streamed")
    assert line["outcome"] == "finished" and line["status"] == 200 and line["stream"] is True, line
    assert line["method"] == "POST" and line["route"] == "/v1/chat/completions", line
    assert line["project"] == project.slug and line["workload"] == "bot" and line["model"] == "tiny", line
    assert line["replica"] == replica["id"] and line["tokens_out"] == 20, line
    assert re.fullmatch(r"ik_live_[0-9a-f]{8}…", line["key"]) and line["key"][:-1] == project.key[:16], line
    assert 5 <= line["ttft_ms"] < line["duration_ms"] and line["bytes_in"] > 50 and line["bytes_out"] > 1000, line
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]), line

    assert call(project, "whole").status_code == 200
    line = line_of(log, "whole")
    assert line["outcome"] == "finished" and "ttft_ms" not in line and line["tokens_in"] > 0, line

    assert call(project, "failed", {"status": 500}).status_code == 500
    line = line_of(log, "failed")
    assert (line["outcome"], line["status"]) == ("failed", 500) and line["replica"] == replica["id"], line

    answer = call(project, "cut", {"tokens": 20, "cut": "before_event", "at": 3}, stream=True)
    assert "[DONE]" not in answer.text
    line = line_of(log, "cut")
    assert (line["outcome"], line["status"], line["code"]) == ("cut", 200, "upstream_failed"), line

    wrong = project.key[:-1] + ("0" if project.key[-1] != "0" else "1")
    assert call(project, "refused", key=wrong).status_code == 401
    line = line_of(log, "refused")
    assert (line["outcome"], line["status"], line["code"]) == ("refused", 401, "invalid_credentials"), line
    assert "key" not in line and "replica" not in line, line

    body = {"model": "bot", "messages": QUESTION, "stream": True, "stand_in": {"tokens": 1000, "delay_ms": 20}}
    content = json.dumps(body).encode()
    path = f"/endpoint/{project.slug}/bot/v1/chat/completions"
    with raw.connect(platform.port) as client:
        client.sendall(raw.head("POST", path, project.key, len(content), "x-request-id: left\r\n") + content)
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert line_of(log, "left")["outcome"] == "client_left"

    # A credential in a name of the caller's own is shown to nobody.
    assert call(project, f"mine-{project.key}").status_code == 200
    wait_until(lambda: any(each["request_id"].startswith("mine-ik_live_") for each in lines(log)), 5, "the line")
    text = log.read_text()
    assert project.key not in text and project.key[17:] not in text and project.token not in text


def test_spans_of_a_streamed_call_reach_the_collector(told, collector):
    platform, project, replica, log = told
    headers = {"traceparent": f"00-{TRACE}-{CALLER}-01", "tracestate": "vendor=value"}
    call(project, "traced", {"tokens": 20, "delay_ms": 5}, stream=True, **headers)
    wait_until(lambda: len(collector.spans_of(TRACE)) == 2, 10, "both spans")
    server, client = sorted(collector.spans_of(TRACE), key=lambda span: span["kind"])
    assert (server["kind"], client["kind"]) == (2, 3)
    assert server["parentSpanId"] == CALLER and client["parentSpanId"] == server["spanId"]
    assert server["traceState"] == client["traceState"] == "vendor=value"
    assert server["name"] == "POST /endpoint/{project}/{workload}/v1/chat/completions"
    assert client["name"] == "chat tiny"
    assert int(server["startTimeUnixNano"]) <= int(client["startTimeUnixNano"])
    assert int(client["startTimeUnixNano"]) < int(client["endTimeUnixNano"]) <= int(server["endTimeUnixNano"])
    told_of_server, told_of_client = server["attributes"], client["attributes"]
    assert told_of_server["http.response.status_code"] == 200 and told_of_server["inferencekey.outcome"] == "finished"
    assert told_of_server["inferencekey.request_id"] == "traced"
    assert told_of_client["gen_ai.operation.name"] == "chat" and told_of_client["gen_ai.request.model"] == "tiny"
    assert told_of_client["gen_ai.usage.output_tokens"] == 20 and told_of_client["gen_ai.request.stream"] is True
    assert 0 < told_of_client["gen_ai.response.time_to_first_chunk"] < 5
    assert told_of_client["server.port"] == replica["port"]
    assert told_of_client["inferencekey.replica"] == replica["id"]
    # The engine goes on with the trace below our span, and is the only one who hears of it.
    sent = last_seen_by_engine(replica)
    assert sent["traceparent"] == f"00-{TRACE}-{client['spanId']}-01" and sent["tracestate"] == "vendor=value"
    assert collector.headers[0]["api-key"] == "c0llector key"
    assert "c0llector" not in json.dumps(sent) + log.read_text() + platform.role.words
    assert attributes(collector.exports[0]["resourceSpans"][0]["resource"])["service.name"] == "front-door"
    assert line_of(log, "traced")["trace_id"] == TRACE

    # What is not sampled is not told; what is no traceparent is replaced.
    call(project, "unsampled", **{"traceparent": f"00-{'1' * 32}-{CALLER}-00"})
    assert last_seen_by_engine(replica)["traceparent"].startswith(f"00-{'1' * 32}-")
    assert last_seen_by_engine(replica)["traceparent"].endswith("-00")
    call(project, "nonsense", **{"traceparent": f"00-{TRACE}-{CALLER}", "tracestate": "vendor=value"})
    sent = last_seen_by_engine(replica)
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", sent["traceparent"]) and TRACE not in sent["traceparent"]
    assert "tracestate" not in sent
    wait_until(lambda: collector.spans_of(sent["traceparent"][3:35]), 10, "the spans of the new trace")
    assert not collector.spans_of("1" * 32)


def test_a_collector_that_is_away_costs_nobody_a_call(told, collector):
    platform, project, _, _ = told
    collector.status = 503
    for index in range(20):
        assert call(project, f"away-{index}").status_code == 200
    wait_until(lambda: "takes no spans now" in platform.role.words, 20, "words about the collector")
    collector.status = 200
    ids = {f"away-{index}" for index in range(20)}
    wait_until(
        lambda: ids <= {span["attributes"].get("inferencekey.request_id") for span in collector.spans},
        20,
        "the spans that waited",
    )


def test_the_log_is_rotated_on_sighup(told):
    platform, project, _, log = told
    call(project, "before")
    line_of(log, "before")
    log.rename(f"{log}.1")
    os.kill(platform.pid, signal.SIGHUP)
    wait_until(log.exists, 5, "the new file")
    assert call(project, "after").status_code == 200
    line_of(log, "after")
    assert "after" not in (log.parent / "access.log.1").read_text()
    assert os.stat(log).st_mode & 0o007 == 0


def test_a_slow_call_is_warned_of_with_its_stages(told):
    platform, project, replica, _ = told
    began = time.monotonic()
    call(project, "quick")
    quick_s = time.monotonic() - began
    call(project, "slow", {"first_ms": 600})
    warning = wait_until(
        lambda: next((line for line in platform.role.words.splitlines() if "request_id=slow" in line), None),
        5,
        "the warning",
    )
    assert "a slow request" in warning and f"replica={replica['id']}" in warning, warning
    stages = dict(re.findall(r"(\w+_ms)=(\d+)", warning))
    chosen, sent, answered, ended = (int(stages[f"{stage}_ms"]) for stage in ("chosen", "sent", "answered", "duration"))
    assert chosen <= sent and sent + 590 <= answered <= ended, "the engine took 600 ms: " + warning
    assert quick_s > 0.4 or "request_id=quick" not in platform.role.words


def test_metrics_tell_of_each_workload(told):
    platform, project, _, _ = told
    place = f'project="{project.slug}",workload="bot"'
    finished = f'requests_total{{{place},code_class="2xx",outcome="finished"}}'

    def metrics() -> dict[str, float]:
        text = httpx.get(f"{platform.base_url}/metrics", trust_env=False).text
        pairs = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {name.removeprefix("inferencekey_gateway_"): float(value) for name, _, value in pairs}

    before = metrics()
    call(project, "streamed", {"tokens": 20, "delay_ms": 20}, stream=True)
    wait_until(lambda: metrics()[finished] == before[finished] + 1, 5, "the call is counted")
    after = metrics()
    grown = {name: value - before.get(name, 0) for name, value in after.items()}
    assert grown[f"time_to_first_token_seconds_count{{{place}}}"] == 1
    assert grown[f"time_per_output_token_seconds_count{{{place}}}"] == 1
    assert 0 < grown[f"time_per_output_token_seconds_sum{{{place}}}"] < 1
    assert grown[f'tokens_total{{{place},type="output"}}'] == 20
    assert grown[f'request_tokens_bucket{{{place},type="output",le="64"}}'] == 1
    assert after[f"workload_in_flight{{{place}}}"] == 0
    assert after["access_log_dropped_total"] == after["spans_dropped_total"] == 0


@pytest.mark.parametrize(
    ("arguments", "environment", "told"),
    [
        (["--access-log", "/nowhere/access.log"], {}, "/nowhere/access.log"),
        (["--slow-request-ms", "0"], {}, "--slow-request-ms"),
        (["--otlp-endpoint", "collector:4318"], {}, "--otlp-endpoint"),
        (["--otlp-endpoint", "http://127.0.0.1:1", "--trace-ratio", "2"], {}, "--trace-ratio"),
        ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": "collector"}, "OTEL_EXPORTER_OTLP_ENDPOINT"),
        (
            ["--otlp-endpoint", "http://127.0.0.1:1"],
            {"OTEL_EXPORTER_OTLP_HEADERS": "s3cret"},
            "OTEL_EXPORTER_OTLP_HEADERS",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_named(bare, arguments, environment, told):
    bare.role.environment.update(environment)
    bare.role.arguments += arguments
    bare.role.start(wait=False)
    assert bare.role.ended() != 0
    assert told in bare.role.words and "s3cret" not in bare.role.words, bare.role.words

"""Bad requests of every kind: a clear error that names the field or the cause, and the platform lives on."""

import http.client
import json
import socket

import pytest

from rig import engines, raw
from rig.api import refused
from rig.waiting import wait_until


def body(**changes) -> dict:
    return {**engines.idle_workload("bot"), **changes}


CREATES = {
    "an unknown field": ({"modle_name": "x"}, ["modle_name"]),
    "a name that is a number": ({"name": 3}, ["name"]),
    "a config that is a text": ({"config": "x"}, ["config"]),
    "no model": ({"model_name": None}, ["model_name"]),
    "a blank name": ({"name": "  "}, ["name"]),
    "a slug that is none": ({"slug": "Not A Slug"}, ["slug"]),
    "a name without letters and no slug": ({"name": "***", "slug": None}, ["slug"]),
    "a task type that is none": ({"task_type": "chat"}, ["task_type"]),
    "an unknown backend": ({"backend": "vlm"}, ["backend"]),
    "an empty command": ({"config": {"command": ""}}, ["config.command"]),
    "a command of blanks": ({"config": {"command": "   "}}, ["config.command"]),
    "no command": ({"config": {}}, ["config.command"]),
    "an open quote": ({"config": {"command": "vllm serve 'tiny"}}, ["config.command"]),
    "a pipe": ({"config": {"command": "vllm serve tiny | tee x"}}, ["config.command"]),
    "a version that is none": ({"config": {"command": "vllm serve x", "vllm_version": ">=1"}}, ["config.vllm_version"]),
    "replicas that are a text": ({"execution_policy_config": {"replicas": "2"}}, ["execution_policy_config.replicas"]),
    "negative replicas": ({"execution_policy_config": {"replicas": -1}}, ["execution_policy_config.replicas"]),
    "a million replicas": ({"execution_policy_config": {"replicas": 10**6}}, ["execution_policy_config.replicas"]),
    "half a replica": ({"execution_policy_config": {"replicas": 1.5}}, ["execution_policy_config.replicas"]),
    "an unknown policy key": ({"execution_policy_config": {"replica": 1}}, ["execution_policy_config.replica"]),
    "a policy of a later version": ({"execution_policy": "autoscaling"}, ["execution_policy"]),
    "a credential": ({"description": "ik_live_0a1b2c3d_" + "5e" * 32}, ["description"]),
    "a credential deep in config": (
        {"config": {"command": "vllm serve x", "a": [{"b": "x ik_sdk_0a1b2c3d_" + "5e" * 32}]}},
        ["config.a[0].b"],
    ),
}


@pytest.mark.parametrize(("changes", "fields"), CREATES.values(), ids=CREATES.keys())
def test_a_declaration_that_cannot_be_is_refused_by_field(project, changes, fields):
    answer = project.api.call("POST", project.path, json=body(**changes))
    told = refused(answer, 400, "invalid_request", *fields)
    assert "5e5e5e" not in json.dumps(told)
    assert project.all() == []


def test_two_mistakes_are_told_together(project):
    answer = project.api.call("POST", project.path, json=body(name=3, task_type="chat", colour="red"))
    refused(answer, 400, "invalid_request", "name", "task_type", "colour")


MALFORMED = {
    "cut short": b'{"name": "',
    "no JSON": b"hello",
    "empty": b"",
    "an array": b"[]",
    "a bare text": b'"x"',
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "two values": b"{}{}",
    "a key twice": b'{"name": "a", "name": "b"}',
    "nested without end": b'{"config":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    "a lone surrogate": b'{"name": "\\ud800"}',
    "NaN": b'{"name": NaN}',
}


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_json_is_refused(project, content):
    answer = project.api.call("POST", project.path, content=content, headers={"content-type": "application/json"})
    refused(answer, 400, "invalid_request")


@pytest.mark.parametrize("plane", ["api", "endpoint"])
def test_a_body_over_the_limit_is_refused_before_it_is_sent(shared, project, plane):
    path = project.path if plane == "api" else f"/endpoint/{project.slug}/bot/v1/chat/completions"
    credential = project.token if plane == "api" else project.key
    project.create(engines.idle_workload("bot"))
    wait_until(lambda: project.ask("bot").status_code == 503, 5, "the Gateway knows the workload and the key")
    connection = http.client.HTTPConnection("127.0.0.1", shared.port, timeout=10)
    connection.putrequest("POST", path)
    connection.putheader("authorization", f"Bearer {credential}")
    connection.putheader("content-type", "application/json")
    connection.putheader("content-length", str(1 << 40))
    connection.endheaders()
    answer = connection.getresponse()
    error = json.loads(answer.read())["error"]
    assert answer.status == 413, error
    assert (error if plane == "api" else error["code"]) == "payload_too_large"
    connection.close()
    assert project.all()


@pytest.mark.parametrize("plane", ["api", "endpoint"])
@pytest.mark.parametrize("kind", ["one long field", "many fields", "a long target"])
def test_headers_over_the_limit_are_refused(shared, project, plane, kind):
    path = project.path if plane == "api" else f"/endpoint/{project.slug}/bot/v1/models"
    fields = {
        "one long field": f"x-long: {'x' * 100_000}\r\n",
        "many fields": "x-a: b\r\n" * 20_000,
        "a long target": "",
    }
    if kind == "a long target":
        path += "?x=" + "x" * 100_000
    with raw.connect(shared.port) as client:
        try:
            client.sendall(raw.head("GET", path, project.key, more=fields[kind]))
            text = raw.read_all(client)
        except ConnectionError:
            text = b""
        if text:
            status = int(text.split()[1])
            assert status in (400, 414, 431), text[:500]
            assert b"x-request-id" in text.lower() and b'"error"' in text, text[:500]
    assert shared.operator.get("/healthz")["status"] == "ok"


@pytest.mark.parametrize(
    "text",
    [b"\r\n\r\n", b"GARBAGE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"GET /api\r\n\r\n",
     b"POST /api/projects/x/workloads HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
     b"POST /endpoint/a/b/v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n"
     b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n"],
    ids=["nothing", "garbage", "a version from far away", "TLS", "HTTP/0.9", "two lengths", "length and chunked"],
)  # fmt: skip
def test_bytes_that_are_no_request_end_the_connection_and_nothing_else(shared, text):
    with raw.connect(shared.port) as client:
        client.sendall(text)
        client.shutdown(socket.SHUT_WR)
        answer = raw.read_all(client)
    assert not answer or answer.split()[1][:1] == b"4", answer[:300]
    assert shared.operator.get("/healthz")["status"] == "ok"

"""Every refusal reaches an openai client as its own typed exception, with a code and a request id, without a secret."""

import http.client
import json
import time
import urllib.parse

import openai
import pytest
from openai import OpenAI

QUESTION = [{"role": "user", "content": "Say a few words."}]


def refused(call, kind: type[openai.APIStatusError], code: str, status: int) -> openai.APIStatusError:
    """Asserts that the call raises exactly that kind with that code, and returns the exception."""
    with pytest.raises(kind) as caught:
        call()
    error = caught.value
    assert (error.status_code, error.code) == (status, code), error.message
    assert error.message and error.type
    assert error.request_id and error.request_id == error.response.headers["x-request-id"]
    return error


def ask(client: OpenAI, model: str, **fields):
    return client.chat.completions.create(model=model, messages=QUESTION, max_tokens=2, **fields)


BAD_KEYS = {
    "no credential at all": "hello",
    "a data key nobody issued": "ik_live_0a1b2c3d_" + "5e" * 32,
    "a data key cut short": "ik_live_0a1b2c3d_" + "5e" * 8,
    "an OpenAI key": "sk-proj-" + "a" * 40,
}


@pytest.mark.parametrize("key", BAD_KEYS.values(), ids=BAD_KEYS.keys())
def test_a_bad_key_is_an_authentication_error(place, key):
    with place.client(place.chat, key=key, max_retries=0) as client:
        error = refused(lambda: ask(client, place.chat), openai.AuthenticationError, "invalid_credentials", 401)
        assert key not in str(error.body)


def test_a_stream_with_a_bad_key_fails_at_the_call(place):
    with place.client(place.chat, key=BAD_KEYS["a data key nobody issued"], max_retries=0) as client:
        refused(lambda: ask(client, place.chat, stream=True), openai.AuthenticationError, "invalid_credentials", 401)


def test_a_changed_last_digit_is_an_authentication_error(place):
    changed = place.key[:-1] + ("0" if place.key[-1] != "0" else "1")
    with place.client(place.chat, key=changed, max_retries=0) as client:
        refused(lambda: ask(client, place.chat), openai.AuthenticationError, "invalid_credentials", 401)


def test_a_control_token_never_calls(place):
    with place.client(place.chat, key=place.control_token, max_retries=0) as client:
        error = refused(lambda: ask(client, place.chat), openai.PermissionDeniedError, "wrong_credential_type", 403)
        assert place.control_token not in str(error.body)


def test_a_key_without_the_grant_learns_nothing(place):
    with place.client(place.chat, key=place.other_key, max_retries=0) as client:
        there = refused(lambda: ask(client, place.chat), openai.PermissionDeniedError, "scope_insufficient", 403)
    with place.client("no-such-workload", key=place.other_key, max_retries=0) as client:
        absent = refused(lambda: ask(client, "x"), openai.PermissionDeniedError, "scope_insufficient", 403)
    assert there.message.replace(place.chat, "*") == absent.message.replace("no-such-workload", "*")


def test_an_unknown_model_is_not_found(place, chat: OpenAI):
    error = refused(lambda: ask(chat, "no-such-model"), openai.NotFoundError, "model_not_found", 404)
    assert "no-such-model" in error.message


def test_a_route_of_another_task_type_names_those_that_work(place, chat: OpenAI):
    call = lambda: chat.embeddings.create(model=place.chat, input="x")  # noqa: E731
    error = refused(call, openai.NotFoundError, "unsupported_route", 404)
    assert "chat/completions" in error.message


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/../metrics", "/%2e%2e/metrics", "/load", "/v1/../../health", "/chat/completions/../../../metrics"],
)
def test_no_other_route_of_the_engine_is_reachable(place, path):
    status, _, body = raw(place, "GET", path)
    assert status in (400, 404), body
    assert "error" in json.loads(body)


def test_a_body_the_engine_refuses_is_a_bad_request(place, chat: OpenAI):
    with pytest.raises(openai.BadRequestError) as caught:
        chat.chat.completions.create(model=place.chat, messages="no list", max_tokens=2)  # type: ignore[arg-type]
    assert caught.value.request_id


MALFORMED = {
    "cut short": b'{"model": "',
    "no JSON": b"hello",
    "empty": b"",
    "an array": b"[1, 2]",
    "not UTF-8": b'{"model": "\xff\xfe"}',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_body_is_refused_in_the_clients_form(place, body):
    status, headers, answer = raw(place, "POST", "/chat/completions", body)
    assert status == 400, answer
    error = json.loads(answer)["error"]
    assert error["message"] and set(error) >= {"message", "type", "param", "code"}
    assert headers["x-request-id"]


def test_a_missing_model_field_is_no_fault_of_ours(place):
    body = json.dumps({"messages": QUESTION, "max_tokens": 2}).encode()
    assert raw(place, "POST", "/chat/completions", body)[0] in (200, 400)


def raw(place, method: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
    """One request as written: no client that would mend it."""
    url = urllib.parse.urlsplit(place.url(place.chat))
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
    try:
        headers = {"authorization": f"Bearer {place.key}", "content-type": "application/json"}
        connection.request(method, url.path + path, body, headers)
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()


# --- Failures on command: a stand-in engine behind the platform. ---------------------------------------------------


def stand_in(**settings) -> dict:
    return {"extra_body": {"stand_in": settings}}


def test_an_engine_that_fails_before_the_head_is_an_upstream_error(place, faults):
    with place.client(faults, max_retries=0) as client:
        with pytest.raises(openai.InternalServerError) as caught:
            ask(client, faults, **stand_in(garbage="before_head"))
    assert caught.value.status_code == 502 and caught.value.code == "upstream_failed" and caught.value.request_id


@pytest.mark.parametrize("place_of_failure", ["before_event", "mid_event", "mid_utf8", "mid_chunk"])
def test_a_stream_that_breaks_off_raises_and_keeps_what_came(place, faults, place_of_failure):
    received = []
    with place.client(faults, max_retries=0) as client:
        stream = ask(client, faults, stream=True, **stand_in(cut=place_of_failure, at=3, tokens=8))
        with pytest.raises(openai.APIError):
            for chunk in stream:
                received.append(chunk)
    assert len(received) == 3


def test_a_stream_in_single_bytes_arrives_whole(place, faults):
    with place.client(faults, max_retries=0) as client:
        chunks = list(ask(client, faults, stream=True, **stand_in(split=1, tokens=4)))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == " hello wörld 日本語 and"


def test_comments_and_line_ends_of_other_engines_pass(place, faults):
    with place.client(faults, max_retries=0) as client:
        chunks = list(ask(client, faults, stream=True, **stand_in(crlf=1, comments=1, tokens=3)))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == " hello wörld 日本語"


def test_an_engine_that_is_busy_is_tried_again_by_the_client(place, faults):
    with place.client(faults, max_retries=0) as client, pytest.raises(openai.InternalServerError) as caught:
        ask(client, faults, **stand_in(status=503))
    assert caught.value.status_code in (502, 503) and caught.value.request_id
    with place.client(faults, max_retries=4) as client:
        once = stand_in(fail_times=2, fail_key=f"busy-{time.time_ns()}")
        assert ask(client, faults, **once).choices


def test_a_deadline_of_the_client_is_a_timeout(place, faults):
    with place.client(faults, max_retries=0, timeout=0.3) as client, pytest.raises(openai.APITimeoutError):
        ask(client, faults, **stand_in(first_ms=3000))


def test_the_first_event_does_not_wait_for_the_last(place, faults):
    with place.client(faults, max_retries=0) as client:
        began = time.monotonic()
        stream = ask(client, faults, stream=True, **stand_in(tokens=10, delay_ms=100))
        next(iter(stream))
        first = time.monotonic() - began
        for _ in stream:
            pass
    assert first < (time.monotonic() - began) / 2

import builtins
import pickle
import signal
import socket
import threading
import time

import pytest
from conftest import KEY, TOKEN, completion

import inferencekey
from inferencekey import DataClient, ManagementClient


@pytest.mark.parametrize(
    "status, kind",
    [
        (400, inferencekey.ValidationError),
        (401, inferencekey.AuthError),
        (403, inferencekey.PermissionDenied),
        (404, inferencekey.NotFoundError),
        (409, inferencekey.ApiError),
        (422, inferencekey.ValidationError),
        (429, inferencekey.RateLimitError),
        (500, inferencekey.ApiError),
    ],
)
def test_each_refusal_has_its_kind(server, endpoint, status, kind):
    body = {"error": {"message": "because", "code": "why", "type": "t"}}
    server.script = lambda request, reply: reply.json(body, status, "x-request-id: r-7", "retry-after: 3")
    with pytest.raises(kind) as raised:
        endpoint.generate_text(prompt="Hola")
    error = raised.value
    assert type(error) is kind and isinstance(error, inferencekey.InferenceKeyError)
    assert (error.status, error.code, error.request_id, error.retry_after) == (status, "why", "r-7", 3.0)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind and copy.status == status and str(copy) == str(error)


def test_the_families():
    for kind in (inferencekey.NotFoundError, inferencekey.RateLimitError, inferencekey.NetworkError):
        assert issubclass(kind, inferencekey.ApiError)
    assert issubclass(inferencekey.TimeoutError, builtins.TimeoutError)
    assert issubclass(inferencekey.ValidationError, ValueError)


def test_no_platform_there():
    with pytest.raises(inferencekey.NetworkError, match="^network error: .*Is a platform running at http://127.0.0.1:9?"):
        DataClient("http://127.0.0.1:9", "acme", KEY, max_retries=0).endpoint("bot").generate_text(prompt="Hola")


def test_a_base_url_that_is_none():
    with pytest.raises(inferencekey.ConfigurationError, match="is no base URL"):
        ManagementClient("localhost:8080", TOKEN, "acme")


def test_the_wrong_credential_is_refused_before_anything_is_sent(server):
    client = ManagementClient(server.url, KEY, "acme")
    with pytest.raises(inferencekey.PermissionDenied) as raised:
        client.list()
    assert raised.value.code == "wrong_credential_type" and KEY not in str(raised.value)
    with pytest.raises(inferencekey.PermissionDenied):
        DataClient(server.url, "acme", TOKEN).endpoint("bot")
    assert server.accepted == 0


@pytest.mark.parametrize("body", [b"<html>proxy</html>", b'{"choices": [', b"", b"[]", b"{}"])
def test_an_answer_that_is_none(server, endpoint, body):
    server.script = lambda request, reply: reply.answer(body, 200, "text/html")
    with pytest.raises(inferencekey.ApiError, match=r"^api error \(status 200\): "):
        endpoint.generate_text(prompt="Hola")


def test_a_server_that_speaks_no_http(server, endpoint):
    server.script = lambda request, reply: (reply.send(b"SSH-2.0-x\r\n"), reply.close())
    with pytest.raises(inferencekey.NetworkError, match="^network error: "):
        endpoint.generate_text(prompt="Hola")


def test_plain_http_behind_an_https_address():
    listener = socket.create_server(("127.0.0.1", 0))

    def refuse():
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")

    threading.Thread(target=refuse, daemon=True).start()
    client = DataClient(f"https://127.0.0.1:{listener.getsockname()[1]}", "acme", KEY, max_retries=0)
    with pytest.raises(inferencekey.NetworkError, match="TLS"):
        client.endpoint("bot").generate_text(prompt="Hola")


def answer_unless_closed(request, reply):
    """A script: the call gets an answer if it has not given up, and closed its connection, within 10 s."""
    if not reply.wait_closed():
        reply.json(completion())


def test_proxy_variables_are_not_read(server, endpoint, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    server.script = lambda request, reply: reply.json(completion())
    assert endpoint.generate_text(prompt="Hola").text == "Hola"


def test_an_answer_that_takes_too_long(server):
    client = DataClient(server.url, "acme", KEY, request_timeout=0.2)
    server.script = answer_unless_closed
    with pytest.raises(inferencekey.TimeoutError, match="^timed out: no answer within"):
        client.endpoint("bot").generate_text(prompt="Hola")


def test_a_refusal_that_passes_is_retried(server):
    client = DataClient(server.url, "acme", KEY)
    server.script = lambda request, reply: (
        reply.json({"error": "rate_limited"}, 429, "retry-after-ms: 1")
        if len(server.requests) < 3
        else reply.json(completion())
    )
    assert client.endpoint("bot").generate_text(prompt="Hola").text == "Hola"
    assert len(server.requests) == 3


def test_the_options_of_one_endpoint(server, endpoint):
    server.script = lambda request, reply: reply.json({"error": "rate_limited"}, 429, "retry-after-ms: 1")
    with pytest.raises(inferencekey.RateLimitError):
        endpoint.with_options(max_retries=1).generate_text(prompt="Hola")
    assert len(server.requests) == 2


def test_control_c_ends_a_call_at_once(server, endpoint):
    arrived = threading.Event()
    server.script = lambda request, reply: (arrived.set(), answer_unless_closed(request, reply))

    def interrupt():
        arrived.wait(5)
        signal.pthread_kill(main, signal.SIGINT)

    main = threading.get_ident()
    # A shell that starts a program in the background has it ignore the signal.
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            endpoint.generate_text(prompt="Hola")
    finally:
        signal.signal(signal.SIGINT, previous)


def test_a_signal_with_a_handler_does_not_end_a_call(server, endpoint):
    handled = []
    previous = signal.signal(signal.SIGUSR1, lambda *_: handled.append(1))
    main = threading.get_ident()

    def script(request, reply):
        signal.pthread_kill(main, signal.SIGUSR1)
        deadline = time.monotonic() + 5
        while not handled and time.monotonic() < deadline:
            time.sleep(0.005)
        reply.json(completion())

    server.script = script
    try:
        assert endpoint.generate_text(prompt="Hola").text == "Hola"
    finally:
        signal.signal(signal.SIGUSR1, previous)
    assert handled


@pytest.mark.parametrize("seconds", [float("inf"), float("nan"), "5"])
def test_a_time_that_is_none_is_refused_by_its_name(server, management, endpoint, seconds):
    refused = pytest.raises(inferencekey.ValidationError, match="^validation error: request_timeout must be a finite number")
    with refused:
        DataClient(server.url, "acme", KEY, request_timeout=seconds)
    with refused:
        endpoint.with_options(request_timeout=seconds)
    with pytest.raises(inferencekey.ValidationError, match="^validation error: timeout must be a finite number"):
        management.wait_until_ready("bot", timeout=seconds)
    assert server.accepted == 0


def test_what_is_nested_too_deeply_is_refused(server, endpoint):
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(inferencekey.ValidationError, match="cannot be sent as JSON"):
        endpoint.generate_text(prompt="Hola", tools=deep)
    assert server.accepted == 0
